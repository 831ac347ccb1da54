import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { z } from 'zod';
import type { TestSystem } from './system.ts';
import { resetCounters } from './throttling.ts';
import { ADA } from './visitor.ts';

/** A password on the list that is shipped; registration refuses it. */
export const LISTED_PASSWORD = 'correct horse battery staple';

/** Gives a user a password that registration refuses, like one set before it was listed. */
export async function setPassword({ system, hasher }: TestSystem, username: string, password: string) {
  const hash = await hasher.hash(password);
  const { id } = await system.core.database.queries
    .selectFrom('accounts')
    .select('id')
    .where('username', '=', username)
    .executeTakeFirstOrThrow();
  await system.core.database.queries
    .updateTable('passwords')
    .set({ hash })
    .where('account_id', '=', id)
    .execute();
}

/** Flags every password as breached. */
export async function flagPasswordsAsBreached({ system }: TestSystem): Promise<void> {
  await system.core.database.queries
    .updateTable('passwords')
    .set(({ ref }) => ({ found_breached_at: ref('changed_at') }))
    .execute();
}

/** Whether the only password in the database is flagged as breached. */
export async function isPasswordFlagged({ system }: TestSystem): Promise<boolean> {
  const row = await system.core.database.queries
    .selectFrom('passwords')
    .select('found_breached_at')
    .executeTakeFirstOrThrow();
  return row.found_breached_at !== null;
}

/** A server with the range API that knows the passwords in its set and responds as configured. */
export type RangeApi = AsyncDisposable & {
  readonly url: URL;
  readonly known: Set<string>;
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** The response from now on; null for the right one. */
  answer: ((response: ServerResponse) => void) | null;
};

const PADDING_LINES = 20;

export async function startRangeApi(): Promise<RangeApi> {
  const known = new Set<string>();
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    requests.push({ path: url, headers });
    if (api.answer !== null) api.answer(response);
    else response.setHeader('content-type', 'text/plain').end(rangeOf(known, url.slice('/range/'.length)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const api: RangeApi = {
    url: new URL(`http://127.0.0.1:${port}`),
    known,
    requests,
    answer: null,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return api;
}

/** The SHA-1 of a password as the service writes it. */
export function sha1(password: string): string {
  return hash('sha1', password, 'hex').toUpperCase();
}

/** The lines of a range; padding lines have the count 0. */
function rangeOf(known: ReadonlySet<string>, prefix: string): string {
  const hits = [...known].map(sha1).filter((digest) => digest.startsWith(prefix));
  const padding = Array.from({ length: PADDING_LINES }, (_, number) => sha1(`${prefix} ${number}`).slice(5));
  const lines = [...hits.map((digest) => `${digest.slice(5)}:7`), ...padding.map((suffix) => `${suffix}:0`)];
  return lines.toSorted().join('\r\n');
}

/** Where a sign-in with a breached password redirects. */
export const NEW_PASSWORD_STEP = '/login/new-password';

/** Whether a password is Ada's, even if her sign-in continues with a required step. */
export async function isPasswordAccepted(system: TestSystem, password: string): Promise<boolean> {
  await resetCounters(system);
  return (await system.visitor().signIn(ADA.username, password)).status === 303;
}
