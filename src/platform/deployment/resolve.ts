import { inDevelopment, mailFaults, type SendMail, type SmtpServer } from '../mail/index.ts';
import {
  developmentSecret,
  type Fault,
  type SecretList,
  type SettingValues,
  secretFaults,
  splitSecrets,
} from '../settings/index.ts';
import type { DatabaseOptions } from '../sql/index.ts';
import { isLoopbackHost } from '../web/index.ts';
import type { deploymentSettings } from './definitions.ts';

export type DeploymentValues = SettingValues<typeof deploymentSettings>;

/** These settings with what is derived from them. */
export type Deployment = Omit<DeploymentValues, 'baseUrl' | 'cookiePrefix' | 'host' | 'secretKey'> & {
  readonly baseUrl: URL;
  /** The beginning of the names of all cookies. */
  readonly cookiePrefix: string;
  /** Whether the public origin is https: decides cookies' names and flags, and HSTS. */
  readonly isSecure: boolean;
  /** Where to listen; both loopback families when the origin is loopback. */
  readonly hosts: readonly [string, ...string[]];
  readonly databaseOptions: DatabaseOptions;
  /** The newest first. */
  readonly secretKeys: SecretList;
};

/** The faults of rules that join several settings: the `BASE_URL` switch, and the secret key that https asks for. */
export function deploymentFaults(values: Partial<DeploymentValues>): Fault[] {
  const { baseUrl, secretKey, tlsCert } = values;
  const isSecure = baseUrl === undefined ? tlsCert !== undefined : baseUrl.protocol === 'https:';
  const isPublic = baseUrl !== undefined && !isLoopbackHost(baseUrl.hostname);
  return [
    ...(baseUrl === undefined ? [] : originFaults(baseUrl)),
    ...tlsFaults(values),
    ...metricsFaults(values),
    ...mailFaults(values),
    ...secretFaults(secretKey, isSecure, isPublic),
  ];
}

/** Where the site is and where to listen, as they follow from the settings. */
export function resolveOrigin({ baseUrl: given, host, port, tlsCert }: OriginValues) {
  const scheme = tlsCert === undefined ? 'http' : 'https';
  const baseUrl = given ?? new URL(`${scheme}://localhost:${port}`);
  return { baseUrl, hosts: listenHosts(host, isLoopbackHost(baseUrl.hostname)) };
}

type OriginValues = Pick<DeploymentValues, 'baseUrl' | 'host' | 'port' | 'tlsCert'>;

const COOKIE_PREFIX = 'latchkey';
const DEFAULT_PORT = '3000';

/**
 * The beginning of the names of cookies. They ignore ports, and a developer has several projects on `localhost`, which would
 * sign each other's users out.
 */
export function cookiePrefixFor({ cookiePrefix, ...values }: OriginValues & CookieValues): string {
  if (cookiePrefix !== undefined) return cookiePrefix;
  const { hostname, port, protocol } = resolveOrigin(values).baseUrl;
  if (!isLoopbackHost(hostname) || port === DEFAULT_PORT) return COOKIE_PREFIX;
  return `${COOKIE_PREFIX}${port || (protocol === 'https:' ? '443' : '80')}`;
}

type CookieValues = Pick<DeploymentValues, 'cookiePrefix'>;

/**
 * Derives what follows from the settings. Outside https, makes the development secret when none is given.
 * @throws {SettingsError} when that secret cannot be kept
 */
export function resolveDeployment(values: DeploymentValues): Deployment {
  const { secretKey, ...rest } = values;
  const { baseUrl, hosts } = resolveOrigin(values);
  const secretKeys =
    secretKey === undefined ? developmentSecret(values.databaseUrl) : splitSecrets(secretKey);
  const databaseOptions = databaseOptionsFrom(values);
  const smtpUrl = smtpServerFrom(values);
  return {
    ...rest,
    smtpUrl,
    baseUrl,
    cookiePrefix: cookiePrefixFor(values),
    isSecure: baseUrl.protocol === 'https:',
    hosts,
    secretKeys,
    databaseOptions,
  };
}

/** The mail server as it is spoken to, which in development may be without TLS. */
export function smtpServerFrom(
  values: OriginValues & Pick<DeploymentValues, 'smtpUrl'>,
): SmtpServer | undefined {
  const { baseUrl } = resolveOrigin(values);
  const isLoopback = baseUrl.protocol === 'http:' && isLoopbackHost(baseUrl.hostname);
  return values.smtpUrl && inDevelopment(values.smtpUrl, isLoopback);
}

/** Whether mail can reach users, or at least the mailbox of development. */
export function isMailPossible(
  { smtpUrl, isSecure }: Pick<Deployment, 'smtpUrl' | 'isSecure'>,
  sendMail: SendMail | null,
): boolean {
  return smtpUrl !== undefined || sendMail !== null || !isSecure;
}

/** How a node shares a database server, as it follows from the settings. */
export function databaseOptionsFrom(values: DatabaseValues): DatabaseOptions {
  return {
    connections: values.databasePoolSize,
    connectTimeout: values.databaseConnectTimeout,
    statementTimeout: values.databaseStatementTimeout,
    schema: values.databaseSchema,
    tablePrefix: values.databasePrefix,
  };
}

type DatabaseValues = Pick<
  DeploymentValues,
  | 'databasePoolSize'
  | 'databaseConnectTimeout'
  | 'databaseStatementTimeout'
  | 'databaseSchema'
  | 'databasePrefix'
>;

function originFaults(baseUrl: URL): Fault[] {
  if (baseUrl.protocol === 'https:' || isLoopbackHost(baseUrl.hostname)) return [];
  const message = `"${baseUrl.origin}" would send passwords in the clear; give an https: origin (http: is for loopback hosts only)`;
  return [{ name: 'BASE_URL', message }];
}

function tlsFaults({ baseUrl, tlsCert, tlsKey, tlsRedirectPort, port }: Partial<DeploymentValues>): Fault[] {
  const faults: Fault[] = [];
  const report = (name: string, message: string) => faults.push({ name, message });
  if (tlsCert !== undefined && tlsKey === undefined)
    report('TLS_KEY', 'is missing, and TLS_CERT is set; give the file of its private key');
  if (tlsKey !== undefined && tlsCert === undefined)
    report('TLS_CERT', 'is missing, and TLS_KEY is set; give the file of its certificate');
  if (tlsCert !== undefined && baseUrl?.protocol === 'http:')
    report('BASE_URL', `"${baseUrl.origin}" is not what TLS_CERT serves; give its https: origin`);
  if (tlsRedirectPort !== undefined && tlsCert === undefined)
    report(
      'TLS_REDIRECT_PORT',
      'is set without TLS_CERT, so nothing here speaks https; let the proxy redirect',
    );
  if (tlsRedirectPort !== undefined && tlsRedirectPort === port)
    report('TLS_REDIRECT_PORT', `is ${port}, which PORT is, too; give another`);
  return faults;
}

function metricsFaults({ metricsPort, port, tlsRedirectPort }: Partial<DeploymentValues>): Fault[] {
  const others = { PORT: port, TLS_REDIRECT_PORT: tlsRedirectPort };
  return Object.entries(others).flatMap(([other, number]) =>
    metricsPort !== undefined && metricsPort === number
      ? [{ name: 'METRICS_PORT', message: `is ${number}, which ${other} is, too; give another` }]
      : [],
  );
}

function listenHosts(host: string | undefined, isLoopback: boolean): readonly [string, ...string[]] {
  if (host !== undefined) return [host];
  return isLoopback ? ['127.0.0.1', '::1'] : ['::'];
}
