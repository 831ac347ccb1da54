import { z } from 'zod';
import { DAY } from '../../core/clock.ts';
import type { Core } from '../../core/core.ts';
import type { Queries } from '../../core/database/schema.ts';
import type { RequestContext } from '../../core/http/context.ts';
import type { TokenPurpose } from '../../core/one-time-tokens/purpose.ts';

export const invitationPurpose: TokenPurpose = {
  name: 'invitation',
  lifetime: 7 * DAY,
  meaning: 'Make one account, also where registration is by invitation.',
};

/** Whom an invitation lets in. */
export type Invitation = {
  /** The one address that the account may have, or null for any or none. */
  readonly email: string | null;
  /** Whether it may have a reserved username. */
  readonly allowsReserved: boolean;
};

const kept = z.object({ email: z.string().nullable(), allowsReserved: z.boolean() });

/** An invitation as its token keeps it. */
export function writeInvitation(invitation: Invitation): string {
  return JSON.stringify(kept.parse(invitation));
}

export function readInvitation(data: string): Invitation {
  return kept.parse(JSON.parse(data));
}

/** Whether somebody may make an account, and with which invitation, if any. */
export type Entry =
  | { readonly admitted: true; readonly invited: Invited | null }
  | { readonly admitted: false; readonly why: EntryRefusal };

export type Invited = { readonly token: string; readonly invitation: Invitation };

/** `invitation-gone` is one answer for those that were spent, have run out, were revoked or never were. */
export type EntryRefusal = 'closed' | 'not-invited' | 'invitation-gone';

/** Asks the setting and the invitation that was opened in this browser; nothing is spent. */
export function createEntry({ settings, linkTokens, oneTimeTokens, clock }: Core) {
  const { registration } = settings;
  return async (context: RequestContext): Promise<Entry> => {
    if (registration === 'closed') return { admitted: false, why: 'closed' };
    const token = linkTokens.read(context, invitationPurpose);
    const found = token === null ? null : await oneTimeTokens.read(invitationPurpose, token, clock());
    if (token !== null && found !== null)
      return { admitted: true, invited: { token, invitation: readInvitation(found.data) } };
    if (token !== null) linkTokens.clear(context);
    if (registration === 'open') return { admitted: true, invited: null };
    return { admitted: false, why: token === null ? 'not-invited' : 'invitation-gone' };
  };
}

/** Thrown out of the transaction that would have made the account. */
export class InvitationGone extends Error {
  constructor() {
    super('the invitation was spent, revoked or over in the meantime');
    this.name = 'InvitationGone';
  }
}

/**
 * Spends an invitation in the transaction that makes the account, so that it makes one and no more.
 * @throws {InvitationGone} when somebody else was faster
 */
export async function spendInvitation(
  { oneTimeTokens }: Core,
  transaction: Queries,
  { token }: Invited,
  now: number,
): Promise<void> {
  const spent = await oneTimeTokens.spend(transaction, invitationPurpose, token, now);
  if (spent === null) throw new InvitationGone();
}
