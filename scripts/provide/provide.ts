import { caddyPath } from './caddy.ts';
import { chromiumPath, fullChromiumPath } from './chromium.ts';
import { startGalera } from './galera.ts';
import { haproxyPath } from './haproxy.ts';
import { startMariadb } from './mariadb.ts';
import { nginxPath } from './nginx.ts';
import { opensmtpdPath } from './opensmtpd.ts';
import { pgbouncerPath } from './pgbouncer.ts';
import { startPostgresql } from './postgresql.ts';
import { startRedis } from './redis.ts';
import { systemdAnalyzePath } from './systemd.ts';

/** The environment variables with the addresses of the servers, and how many tools were available. */
export type Provided = {
  readonly environment: Readonly<Record<string, string>>;
  readonly passed: number;
  readonly failed: number;
  readonly stop: () => Promise<void>;
};

/** Tools that tests start themselves. */
const TOOLS: readonly (readonly [string, () => string])[] = [
  ['Chromium’s headless shell', chromiumPath],
  ['Chromium', fullChromiumPath],
  ['nginx', nginxPath],
  ['Caddy', caddyPath],
  ['HAProxy', haproxyPath],
  ['PgBouncer', pgbouncerPath],
  ['systemd-analyze', systemdAnalyzePath],
  ['OpenSMTPD', opensmtpdPath],
];

type Server = { readonly url: string; readonly stop: () => Promise<void> };

const SERVERS: readonly (readonly [string, () => Promise<Server>])[] = [
  ['TEST_ON_POSTGRESQL', startPostgresql],
  ['TEST_ON_MARIADB', startMariadb],
  ['TEST_ON_REDIS', startRedis],
];

/** Of the full run, or by the environment: three servers take half a minute to start. */
const GALERA = ['TEST_ON_GALERA', startGalera] as const;

/**
 * Provides what the test run needs and npm cannot install: private servers, and the tools that tests start themselves.
 * A missing one is reported by name, with how to install it; the tests that need it fail, and the others run.
 */
export async function provide(wanted: {
  readonly tools: boolean;
  readonly galera: boolean;
}): Promise<Provided> {
  const environment: Record<string, string> = {};
  const running: Server[] = [];
  const servers = wanted.galera ? [...SERVERS, GALERA] : SERVERS;
  const tools = wanted.tools ? TOOLS : [];
  let failed = 0;
  const attempt = async (work: () => Promise<string>) => {
    try {
      console.log(`✔ ${await work()}`);
    } catch (error) {
      failed += 1;
      console.log(`✖ ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  for (const [name, path] of tools) await attempt(async () => `${name}: ${path()}`);
  const startAndReport = ([name, start]: (typeof SERVERS)[number]) =>
    attempt(async () => {
      const server = await start();
      running.push(server);
      environment[name] = server.url;
      return `${name.replace('TEST_ON_', '')}: private instance`;
    });
  await Promise.all(servers.map(startAndReport));
  const stop = async () => {
    await Promise.all(running.map((server) => server.stop()));
  };
  return { environment, passed: tools.length + servers.length - failed, failed, stop };
}
