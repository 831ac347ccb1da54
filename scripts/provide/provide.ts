import { caddyPath } from './caddy.ts';
import { chromiumPath, wholeChromiumPath } from './chromium.ts';
import { startMariadb } from './mariadb.ts';
import { nginxPath } from './nginx.ts';
import { opensmtpdPath } from './opensmtpd.ts';
import { startPostgresql } from './postgresql.ts';
import type { PrivateServer } from './private-server.ts';
import { startRedis } from './redis.ts';
import { systemdAnalyzePath } from './systemd.ts';

/** What the tests have at hand: environment variables that say where, and how many could be had. */
export type Provided = {
  readonly environment: Readonly<Record<string, string>>;
  readonly passed: number;
  readonly failed: number;
  readonly stop: () => Promise<void>;
};

/** What tests start themselves. */
const PROGRAMS: readonly (readonly [string, () => string])[] = [
  ['Chromium’s headless shell', chromiumPath],
  ['Chromium', wholeChromiumPath],
  ['nginx', nginxPath],
  ['Caddy', caddyPath],
  ['systemd-analyze', systemdAnalyzePath],
  ['OpenSMTPD', opensmtpdPath],
];

const SERVERS: readonly (readonly [string, () => Promise<PrivateServer>])[] = [
  ['LATCHKEY_TEST_POSTGRESQL', startPostgresql],
  ['LATCHKEY_TEST_MARIADB', startMariadb],
  ['LATCHKEY_TEST_REDIS', startRedis],
];

/**
 * Gets what the test run needs and npm cannot bring: private servers, and programs that tests start themselves. What
 * cannot be had fails by its name, with how to get it; its tests fail for want of it, and the others run all the same.
 */
export async function provide(wanted: { readonly programs: boolean }): Promise<Provided> {
  const environment: Record<string, string> = {};
  const running: PrivateServer[] = [];
  const programs = wanted.programs ? PROGRAMS : [];
  let failed = 0;
  const attempt = async (work: () => Promise<string>) => {
    try {
      console.log(`✔ ${await work()}`);
    } catch (error) {
      failed += 1;
      console.log(`✖ ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  for (const [name, path] of programs) await attempt(async () => `${name}: ${path()}`);
  const startAndTell = ([name, start]: (typeof SERVERS)[number]) =>
    attempt(async () => {
      const server = await start();
      running.push(server);
      environment[name] = server.url;
      return `${name.replace('LATCHKEY_TEST_', '')}: private instance`;
    });
  await Promise.all(SERVERS.map(startAndTell));
  const stop = async () => {
    await Promise.all(running.map((server) => server.stop()));
  };
  return { environment, passed: programs.length + SERVERS.length - failed, failed, stop };
}
