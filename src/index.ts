import type { MiddlewareHandler } from 'hono';
import type { MaybePromise } from './core/feature.ts';
import { isProgram, loginPath } from './core/guard.ts';
import type { SignedIn } from './core/sessions.ts';
import { composeSystem, type Ports, type System } from './latchkey.ts';
import { type settingDefinitions, settingsFromOptions } from './settings.ts';

export type { Session, SignedIn, User } from './core/sessions.ts';
export { SettingsError } from './core/settings/read.ts';

/** The settings of the server in camelCase, as text, number or boolean: `sessionIdle: '12h'`. */
export type Options = { readonly [Key in keyof typeof settingDefinitions]?: string | number | boolean };

/** What `loginRequired` leaves in the context of a Hono route: `context.get('user')`. */
export type SignedInVariables = { readonly Variables: SignedIn };

/** A login system to mount in an application. */
export type Latchkey = {
  /** Answers every page and route of Latchkey. The second argument is what a server knows of the connection. */
  readonly fetch: (request: Request, environment?: unknown) => Promise<Response>;
  /** The signed-in user and session of a request, or null. */
  readonly session: (request: Request) => Promise<SignedIn | null>;
  /** Hono middleware: lets only people in who are signed in; pages go to the login page, programs get 401. */
  readonly loginRequired: MiddlewareHandler<SignedInVariables>;
  /** Settles when the database is ready, and rejects when it cannot be. `fetch` and `session` wait for it. */
  readonly ready: Promise<void>;
  /** Closes the database and ends the hashing threads. */
  readonly close: () => Promise<void>;
};

/**
 * Makes a login system. Nothing is read from the environment: every setting is an option.
 * @throws {SettingsError} when an option is wrong, naming every fault
 * @throws {DatabaseStartError} when the database cannot be opened
 */
export function createLatchkey(options: Options = {}, ports: Ports = {}): Latchkey {
  return mount(composeSystem(settingsFromOptions(options), ports));
}

/** Gives a composed system its outward form. */
export function mount(system: System): Latchkey {
  const ready = system.prepare();
  // Whoever awaits `ready`, `fetch` or `session` hears of it; until then a failure must not end the process.
  ready.catch(() => {});
  const session = async (request: Request) => {
    await ready;
    return system.guard.signedIn(request);
  };
  return {
    fetch: async (request, environment) => {
      await ready;
      return system.handle(request, environment);
    },
    session,
    loginRequired: async (context, next) => {
      const signedIn = await session(context.req.raw);
      if (signedIn === null) return turnAway(system, context.req.raw);
      context.set('user', signedIn.user);
      context.set('session', signedIn.session);
      await next();
      return undefined;
    },
    ready,
    close: async () => {
      await ready.catch(() => {});
      await system.close();
    },
  };
}

function turnAway({ answers }: System, request: Request): MaybePromise<Response> {
  return isProgram(request) ? answers.problem(401) : answers.redirect(loginPath(request));
}
