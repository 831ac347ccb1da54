import type { IncomingMessage, ServerResponse } from 'node:http';
import type {} from 'fastify';
import type { Access, AnyGuardOptions, Latchkey, SignedIn } from '../index.ts';
import { accessOf } from '../library/bearer.ts';
import { leftOnRequest } from './left-on-request.ts';
import { answer, sendResponse } from './node.ts';
import { keepFromCachesWhenSent } from './sent-headers.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `loginRequired` on routes that admit no API tokens. */
    auth: SignedIn;
    /** Set by `loginRequired` on every route: the user, and the session or API token; the other one is null. */
    access: Access;
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

/**
 * Guards a route, and leaves the user and session in `request.auth`: `{ preHandler: loginRequired(latchkey) }`. Where it
 * admits API tokens as well, by `{ scope: 'notes:read' }`, who sent the request is in `request.access`.
 */
export function loginRequired<Role extends string, Scope extends string>(
  latchkey: Latchkey<Role, Scope>,
  options: AnyGuardOptions<NoInfer<Role>, NoInfer<Scope>> = {},
): FastifyHook {
  return async (request, reply) => {
    const entry = await latchkey.guard(request.raw, options);
    if (entry.ok) {
      for (const cookie of entry.headers.getSetCookie()) reply.header('set-cookie', cookie);
      keepFromCachesWhenSent(reply.raw);
      Object.assign(request, leftOnRequest(accessOf(entry), options));
      return;
    }
    reply.hijack();
    await sendResponse(entry.response, reply.raw);
  };
}
