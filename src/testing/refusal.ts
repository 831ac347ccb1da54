import type { Options } from '../library/options.ts';
import { isLoopbackHost } from '../platform/web/index.ts';

/** Signing users in without their passwords is for tests. @throws {Error} in production */
export function refuseInProduction({ baseUrl }: Pick<Options, 'baseUrl'>): void {
  const reason = reasonToRefuse(baseUrl);
  if (reason === null) return;
  throw new Error(
    `latchkey/testing signs users in without their passwords, and does not run in production: ${reason}`,
  );
}

function reasonToRefuse(baseUrl: Options['baseUrl']): string | null {
  if (process.env['NODE_ENV']?.trim().toLowerCase() === 'production')
    return 'NODE_ENV is production; tests run with another one, or without';
  const url = URL.parse(String(baseUrl ?? '').trim());
  if (url === null || isLoopbackHost(url.hostname)) return null;
  return `baseUrl is ${url.origin}; give one of this machine, such as http://localhost:3000`;
}
