import { randomUUID } from 'node:crypto';
import type { SignedIn } from '../sessions.ts';
import { clientAddress } from './client-address.ts';
import type { CsrfBinding } from './csrf.ts';
import type { Form } from './form.ts';

/** One request on its way through a route, and what its answer will carry besides the page. */
export type RequestContext = {
  readonly request: Request;
  /** Names this request in the logs and on the page of an internal error. */
  readonly id: string;
  /** The address that the request came from. */
  readonly address: string;
  /** A parameter of the address's query. */
  readonly query: (name: string) => string | null;
  /** `Set-Cookie` values of the answer. */
  readonly cookies: string[];
  /** Who is signed in; set before a route runs when its access asks for it, and for every page. */
  signedIn: SignedIn | null;
  /** What the forms of this answer are bound to; decided when the first of them is drawn. */
  csrfBinding: CsrfBinding | null;
};

export type SignedInContext = RequestContext & { readonly signedIn: SignedIn };

/** A request whose form was read and found to be ours. */
export type Submission<Context extends RequestContext = RequestContext> = {
  readonly context: Context;
  readonly form: Form;
};

/** Starts the way of a request; what is costly is made only when somebody asks for it. */
export function requestContext(request: Request, environment: unknown): RequestContext {
  let id: string | undefined;
  return {
    request,
    get id() {
      id ??= randomUUID();
      return id;
    },
    get address() {
      return clientAddress(environment);
    },
    query: (name) => new URL(request.url).searchParams.get(name),
    cookies: [],
    signedIn: null,
    csrfBinding: null,
  };
}
