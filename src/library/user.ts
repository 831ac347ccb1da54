import type * as sessions from '../auth/sessions/session.ts';

/** To an application, ids are plain texts. */
type WithPlainId<Type extends { readonly id: string }> = {
  [Key in keyof Type]: Key extends 'id' ? string : Type[Key];
};

export type User = WithPlainId<sessions.User>;
export type Session = WithPlainId<sessions.Session>;
export type SignedIn = { readonly user: User; readonly session: Session };
