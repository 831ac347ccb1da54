import type { Access, AnyGuardOptions, SignedIn } from '../index.ts';
import { admitsTokens } from '../library/bearer.ts';

/** What `loginRequired` leaves on a request. */
export type LeftOnRequest = {
  /** Who sent the request: `session` or `token` is null. */
  readonly access: Access;
  /** The user and session, where no API tokens are admitted. */
  readonly auth?: SignedIn;
};

/** Who reads the session on a route that admits API tokens finds none, with or without a token. */
export function leftOnRequest(access: Access, options: AnyGuardOptions): LeftOnRequest {
  const { user, session } = access;
  return session === null || admitsTokens(options) ? { access } : { access, auth: { user, session } };
}
