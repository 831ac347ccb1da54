import type * as sessions from '../auth/sessions/session.ts';
import { type Authentication, authenticationOf } from '../features/sessions/index.ts';

/** To an application, ids are plain texts. */
type WithPlainId<Type extends { readonly id: string }> = {
  [Key in keyof Type]: Key extends 'id' ? string : Type[Key];
};

export type User = WithPlainId<sessions.User>;
export type Session<Role extends string = string> = WithPlainId<sessions.Session<Role>> & {
  readonly authentication: Authentication;
};
export type SignedIn<Role extends string = string> = { readonly user: User; readonly session: Session<Role> };

/** What an application gets of a signed-in user. */
export function signedInFrom({ user, session }: sessions.SignedIn): SignedIn {
  return { user, session: { ...session, authentication: authenticationOf(session) } };
}
