import type * as sessions from '../auth/sessions/session.ts';

/** To an application, ids are plain texts. */
type WithPlainId<Type extends { readonly id: string }> = {
  [Key in keyof Type]: Key extends 'id' ? string : Type[Key];
};

export type User = WithPlainId<sessions.User>;
export type Session<Role extends string = string> = WithPlainId<sessions.Session<Role>>;
export type SignedIn<Role extends string = string> = { readonly user: User; readonly session: Session<Role> };
