import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { healthPaths } from '../latchkey.ts';
import { deploymentSettings, resolveOrigin } from '../platform/deployment/index.ts';
import { environmentSource, readSettings, SettingsError } from '../platform/settings/index.ts';

/** Which question is asked: whether the process is alive, or whether it can serve. */
export type HealthPath = (typeof healthPaths)[keyof typeof healthPaths];

/** What the server of these settings answered at one of its addresses, or why it did not. */
export type Health = {
  readonly isHealthy: boolean;
  readonly address: string;
  readonly answer: string;
};

const TIMEOUT = 4_000;

// The settings that say where the server listens, and no others: a check needs no secret.
const { baseUrl, host, port, tlsCert } = deploymentSettings;
const LISTENING = { baseUrl, host, port, tlsCert };

/** Where a server that listens on all addresses is asked. */
const OF_ALL: Readonly<Record<string, readonly string[]>> = {
  '::': ['127.0.0.1', '::1'],
  '0.0.0.0': ['127.0.0.1'],
};

/**
 * Asks the server of this machine how it is, at the address, the port and by the scheme of its settings.
 * @throws {SettingsError} when those are wrong
 */
export async function askHealth(
  environment: NodeJS.ProcessEnv,
  folder: string,
  path: HealthPath,
): Promise<Health> {
  const given = environmentSource(environment, Object.values(LISTENING), folder);
  const { whole, faults } = readSettings(LISTENING, given);
  if (whole === null) throw new SettingsError(faults);
  const { hosts, baseUrl: site } = resolveOrigin(whole);
  const targets = hosts.flatMap((one) => OF_ALL[canonical(one)] ?? [one]);
  const usesTls = whole.tlsCert !== undefined;
  let health: Health | undefined;
  for (const target of targets) {
    const shown = isIP(target) === 6 ? `[${target}]` : target;
    const address = `${usesTls ? 'https' : 'http'}://${shown}:${whole.port}${path}`;
    const { status, reason } = await ask({ target, port: whole.port, path, site: usesTls ? site : null });
    const found = { isHealthy: status === 200, address, answer: reason };
    if (found.isHealthy) return found;
    // An answer says more than a refused connection at the other address.
    if (health === undefined || status !== null) health = found;
  }
  return health ?? { isHealthy: false, address: '', answer: 'no address' };
}

// `::0` and `0:0:0:0:0:0:0:0` are spellings of the same address.
function canonical(address: string): string {
  if (isIP(address) !== 6) return address;
  return URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) ?? address;
}

type Question = {
  readonly target: string;
  readonly port: number;
  readonly path: HealthPath;
  /** The site whose certificate is expected; null without TLS. */
  readonly site: URL | null;
};

type Answered = { readonly status: number | null; readonly reason: string };

function ask({ target, port, path, site }: Question): Promise<Answered> {
  const options = { host: target, port, path, agent: false, signal: AbortSignal.timeout(TIMEOUT) };
  // The certificate is for the name of the site, and perhaps self-signed. Who answers here is this machine, and no secret
  // is sent.
  const tls = { rejectUnauthorized: false, ...(site !== null && nameOf(site)) };
  return new Promise((resolve) => {
    const fail = (error: Error & { readonly code?: unknown }) =>
      resolve({ status: null, reason: error.name === 'TimeoutError' ? 'no answer' : String(error.code) });
    const request = site === null ? requestHttp(options) : requestHttps({ ...options, ...tls });
    request.once('error', fail);
    request.once('response', (response) => {
      response.resume();
      const status = response.statusCode ?? null;
      resolve({ status, reason: `status ${status}` });
      request.destroy();
    });
    request.end();
  });
}

// RFC 6066 §3: no address as a server name.
function nameOf({ hostname }: URL): { readonly servername?: string } {
  const name = hostname.replace(/^\[|\]$/g, '');
  return isIP(name) === 0 ? { servername: name } : {};
}
