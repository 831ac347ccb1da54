import { watchConnections } from './connection.ts';
import type { Latchkey } from './mount.ts';

/** The Latchkey of this process. The first call makes it. */
export type LatchkeyOfProcess<Role extends string = string, Scope extends string = string> = () => Latchkey<
  Role,
  Scope
>;

declare global {
  // Shared by copies of this module, of which a bundler may make several.
  var latchkeysOfProcess: Map<string, Latchkey> | undefined;
}

/** The functions that `onePerProcess` has made. */
const made = new WeakSet<LatchkeyOfProcess>();

/**
 * Gives a process one Latchkey, however often its modules are evaluated: development servers do so after each change. It
 * is made at the first call, so that a build opens no database.
 * @param name distinguishes several Latchkeys of one process
 */
export function onePerProcess<Role extends string, Scope extends string>(
  create: () => Latchkey<Role, Scope>,
  name?: string,
): LatchkeyOfProcess<Role, Scope>;
export function onePerProcess(create: () => Latchkey, name = 'latchkey'): LatchkeyOfProcess {
  if (made.has(create)) return create;
  watchConnections();
  const ofProcess = () => {
    globalThis.latchkeysOfProcess ??= new Map();
    const existing = globalThis.latchkeysOfProcess.get(name);
    if (existing !== undefined) return existing;
    const latchkey = create();
    globalThis.latchkeysOfProcess.set(name, latchkey);
    // Servers that stop on a signal leave nothing to wait for.
    process.once('beforeExit', () => void latchkey.close());
    return latchkey;
  };
  made.add(ofProcess);
  return ofProcess;
}
