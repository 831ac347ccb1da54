import {
  Context,
  type ContextParts,
  type CsrfBinding,
  type Form,
  type WebContext,
} from '../platform/web/index.ts';
import type { SignedIn } from './sessions/session.ts';

/** One request, with the user that it comes from. */
export type RequestContext = WebContext & {
  /** The signed-in user; set before a route runs whose access requires it, and for every page. */
  signedIn: SignedIn | null;
};

export type SignedInContext = RequestContext & { readonly signedIn: SignedIn };

export function isSignedIn(context: RequestContext): context is SignedInContext {
  return context.signedIn !== null;
}

/** A request whose form was read and comes from a page of this site. */
export type Submission<C extends RequestContext = RequestContext> = {
  readonly context: C;
  readonly form: Form;
};

/** Creates the context of a request; what is costly is computed on first use. */
export function requestContext(request: Request, environment: unknown, parts: ContextParts): RequestContext {
  return new UserContext(request, environment, parts);
}

class UserContext extends Context implements RequestContext {
  signedIn: SignedIn | null = null;
}

/** What the forms of a signed-in user are bound to. */
export function sessionBinding({ id }: { readonly id: string }): CsrfBinding {
  return ['session', id];
}

export function userBinding({ signedIn }: RequestContext): CsrfBinding | null {
  return signedIn === null ? null : sessionBinding(signedIn.session);
}
