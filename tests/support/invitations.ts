import {
  type Invitation,
  invitationPurpose,
  writeInvitation,
} from '../../src/features/registration/index.ts';
import type { TestSystem } from './system.ts';
import type { Visitor } from './visitor.ts';

/** The token of a new invitation; for anybody, and no reserved names, where nothing else is said. */
export function invite(
  { system, clock }: TestSystem,
  { email = null, allowsReserved = false }: Partial<Invitation> = {},
): Promise<string> {
  const { oneTimeTokens, database } = system.core;
  const data = writeInvitation({ email, allowsReserved });
  const token = { purpose: invitationPurpose, accountId: null, data };
  return oneTimeTokens.issue(database.queries, token, clock.read());
}

/** Somebody who has opened the link of an invitation. */
export async function withInvitation({ visitor }: TestSystem, token: string): Promise<Visitor> {
  const invited = visitor();
  await invited.get(`/register?token=${token}`);
  return invited;
}
