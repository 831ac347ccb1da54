import type { Core } from '../../auth/core.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { mayAdd } from '../second-factors/index.ts';
import { cookies } from './definitions.ts';
import { passkeysOf } from './store.ts';

/** Whether a passkey is offered: after a password, to a user who may have one, has none, and has not declined it in this browser. */
export async function isOffered(core: Core, context: SignedInContext): Promise<boolean> {
  const { user, session } = context.signedIn;
  if (session.method !== 'password' || !mayAdd(core, context)) return false;
  if (core.cookies.read(context.request, cookies.offer) !== null) return false;
  return (await passkeysOf(core.database.queries, user.id)).length === 0;
}
