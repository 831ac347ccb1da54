import type { coreSettings } from './definitions.ts';
import type { Fault } from './read.ts';
import { developmentSecret, secretFaults, splitSecrets } from './secret-key.ts';
import type { SettingValues } from './setting.ts';

type CoreValues = SettingValues<typeof coreSettings>;

/** The core's settings with everything derived: what the rest of the program reads. */
export type CoreSettings = Omit<CoreValues, 'baseUrl' | 'host' | 'secretKey'> & {
  readonly baseUrl: URL;
  /** Whether the public origin is https: decides cookies' names and flags, and HSTS. */
  readonly isSecure: boolean;
  /** Where to listen; both loopback families when the origin is loopback. */
  readonly hosts: readonly [string, ...string[]];
  /** The newest first. */
  readonly secretKeys: readonly [string, ...string[]];
};

export type Resolution = { readonly settings: CoreSettings } | { readonly faults: readonly Fault[] };

/**
 * Applies the rules that join several settings: the `BASE_URL` switch, where to listen, and the secret key.
 * Outside https, makes the development secret when none is given.
 */
export function resolveCoreSettings(values: CoreValues): Resolution {
  const { baseUrl: givenUrl, host, secretKey, ...rest } = values;
  const baseUrl = givenUrl ?? new URL(`http://localhost:${values.port}`);
  const isSecure = baseUrl.protocol === 'https:';
  const isLoopback = isLoopbackHost(baseUrl.hostname);
  const faults = [...originFaults(baseUrl, isSecure, isLoopback), ...secretFaults(secretKey, isSecure)];
  if (faults.length > 0) return { faults };
  const secret =
    secretKey === undefined ? developmentSecret(values.databaseUrl) : { keys: splitSecrets(secretKey) };
  if ('fault' in secret) return { faults: [secret.fault] };
  const hosts = listenHosts(host, isLoopback);
  return { settings: { ...rest, baseUrl, isSecure, hosts, secretKeys: secret.keys } };
}

function originFaults(baseUrl: URL, isSecure: boolean, isLoopback: boolean): Fault[] {
  if (isSecure || isLoopback) return [];
  const message = `"${baseUrl.origin}" would send passwords in the clear; give an https: origin (http: is for loopback hosts only)`;
  return [{ name: 'BASE_URL', message }];
}

function listenHosts(host: string | undefined, isLoopback: boolean): readonly [string, ...string[]] {
  if (host !== undefined) return [host];
  return isLoopback ? ['127.0.0.1', '::1'] : ['::'];
}

function isLoopbackHost(hostname: string): boolean {
  const isLoopbackName = hostname === 'localhost' || hostname.endsWith('.localhost');
  return isLoopbackName || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
