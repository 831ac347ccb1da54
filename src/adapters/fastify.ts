import type { IncomingMessage, ServerResponse } from 'node:http';
import type {} from 'fastify';
import type { GuardOptions, Latchkey, SignedIn } from '../index.ts';
import { answer, sendResponse } from './node.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `loginRequired`. */
    auth: SignedIn;
  }
}

/** What the hooks use of a request and a reply. */
type HookRequest = { readonly raw: IncomingMessage };
type HookReply = {
  readonly raw: ServerResponse;
  readonly hijack: () => unknown;
  readonly header: (name: string, value: string) => unknown;
};

/** A hook of Fastify. */
export type FastifyHook = (request: HookRequest, reply: HookReply) => Promise<void>;

/**
 * Answers Latchkey's own paths, before any parser reads their body, and leaves all others to the application:
 * `app.addHook('onRequest', latchkeyPages(latchkey))`.
 */
export function latchkeyPages(latchkey: Latchkey): FastifyHook {
  return async ({ raw }, reply) => {
    const response = await answer(latchkey, raw);
    if (response === null) return;
    reply.hijack();
    await sendResponse(response, reply.raw);
  };
}

/** Guards a route, and leaves the user and session in `request.auth`: `{ preHandler: loginRequired(latchkey) }`. */
export function loginRequired<Role extends string>(
  latchkey: Latchkey<Role>,
  options: GuardOptions<NoInfer<Role>> = {},
): FastifyHook {
  return async (request, reply) => {
    const entry = await latchkey.guard(request.raw, options);
    if (entry.ok) {
      for (const [name, value] of entry.headers) reply.header(name, value);
      Object.assign(request, { auth: { user: entry.user, session: entry.session } });
      return;
    }
    reply.hijack();
    await sendResponse(entry.response, reply.raw);
  };
}
