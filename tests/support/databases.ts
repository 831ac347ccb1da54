import { join } from 'node:path';
import { describe } from 'node:test';
import { temporaryFolder } from './temporary-folder.ts';

/** An empty database for one test, by its URL; it goes when the test ends. */
export type EmptyDatabase = AsyncDisposable & { readonly url: string };

/** An engine that the system promises to run on. */
export type Engine = { readonly name: string; readonly create: () => Promise<EmptyDatabase> };

const sqlite: Engine = {
  name: 'SQLite',
  create: async () => {
    const folder = temporaryFolder();
    return {
      url: `sqlite:${join(folder.path, 'latchkey.db')}`,
      [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
    };
  },
};

/** Every engine. What the database decides is tested on each of them, and on the real one. */
export const engines: readonly Engine[] = [sqlite];

/** Runs tests once on every engine. */
export function onEveryDatabase(promise: string, tests: (engine: Engine) => void): void {
  for (const engine of engines) describe(`${promise} (${engine.name})`, () => tests(engine));
}
