import type { SettingDefinitions } from '../platform/settings/setting.ts';
import type { Expiring } from '../platform/sql/retention.ts';
import type { RequestContext, SignedInContext, Submission } from '../platform/web/context.ts';
import type { MaybePromise } from '../platform/web/maybe-promise.ts';
import type { TokenPurpose } from './one-time-tokens/purpose.ts';
import type { SignInMethod, SignInStep, SignInWitness } from './sign-in-steps/sign-in-step.ts';

type Answer = MaybePromise<Response>;

/**
 * What bounds a route. `hashing`: it costs a password hash, so it is refused with 503 while the queue of the
 * hashing threads is full, before its body is read. `none`: it costs no more than a look-up.
 */
export type Limit = 'none' | 'hashing';

/**
 * A route declares who may use it and what bounds it; without either it does not compile. Who may: `open` is
 * anybody, and nobody asks who it is (files, health, reports). `public` is anybody, and the page knows who is signed in.
 * With `signed-in`, others are sent to the login page, or, as programs, get 401. `fresh` is for what is sensitive:
 * whoever proved who they are too long ago is asked to do so again first (A38).
 */
export type Route = { readonly path: `/${string}` } & (
  | {
      readonly method: 'GET';
      readonly access: 'open';
      readonly limit: 'none';
      /** Answered whatever `Host` is named, for load balancers that ask by address; others get 421 (A28). */
      readonly host?: 'any';
      readonly handle: (context: RequestContext) => Answer;
    }
  | {
      readonly method: 'POST';
      readonly access: 'open';
      readonly limit: 'none';
      /**
       * `nothing`: so nobody has to show that the request comes from a page of ours; browsers send reports without a form.
       * `what-is-signed`: it comes from no browser, and what it changes is said in a token that another site has signed.
       */
      readonly changes: 'nothing' | 'what-is-signed';
      readonly host?: never;
      readonly handle: (context: RequestContext) => Answer;
    }
  | {
      readonly method: 'GET';
      readonly access: 'public';
      readonly limit: Limit;
      readonly handle: (context: RequestContext) => Answer;
    }
  | {
      readonly method: 'GET';
      readonly access: 'signed-in' | 'fresh';
      readonly limit: Limit;
      /** For clients that drop the cookies of a response: the session token is not replaced. */
      readonly keepsToken?: true;
      readonly handle: (context: SignedInContext) => Answer;
    }
  | {
      readonly method: 'POST';
      readonly access: 'public';
      readonly limit: Limit;
      /** Where its form stands, where that is another path; drawn again when the form has become stale. */
      readonly page?: `/${string}`;
      readonly handle: (submission: Submission) => Answer;
    }
  | {
      readonly method: 'POST';
      readonly access: 'signed-in' | 'fresh';
      readonly limit: Limit;
      readonly page?: `/${string}`;
      readonly handle: (submission: Submission<SignedInContext>) => Answer;
    }
);

/**
 * What a feature is. It declares; core does the asking. There is no hook on another feature's route, no
 * discovery, and no order that matters silently.
 */
export type Feature = {
  readonly name: string;
  /** The features that it calls; the architecture test compares them with its imports. */
  readonly needs: readonly string[];
  readonly settings: SettingDefinitions;
  /** The tables whose SQL stands in its store. */
  readonly tables: readonly string[];
  /** What the one-time tokens that it gives out are for; none where nothing is said. */
  readonly tokens?: readonly TokenPurpose[];
  readonly routes: readonly Route[];
  /** What it keeps that runs out, and how that is deleted. */
  readonly expiring?: readonly Expiring[];
  /** The ways in that it has: what the gate asks whether a proof still counts. */
  readonly signInMethods?: readonly SignInMethod[];
  /** What it may put between a proven identity and a session. */
  readonly signInSteps?: readonly SignInStep[];
  /** What it writes for each sign-in. */
  readonly signInWitnesses?: readonly SignInWitness[];
};
