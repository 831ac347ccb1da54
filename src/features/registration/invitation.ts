import type { Core } from '../../auth/core.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import { namedFlow } from '../../platform/web/index.ts';
import { tokens } from './definitions.ts';

/** What an invitation permits. */
export type Invitation = {
  /** The one address that the account may have, or null for any or none. */
  readonly email: string | null;
  readonly allowsReserved: boolean;
};

/** Whether a visitor may create an account, and with which invitation, if any. */
export type Entry =
  | { readonly ok: true; readonly invited: Invited | null }
  | { readonly ok: false; readonly reason: EntryRefusal };

export type Invited = {
  /** The handle that its form carries. */
  readonly flow: string;
  readonly token: string;
  readonly invitation: Invitation;
};

/** `invitation-gone` is one answer for invitations that were spent, expired, revoked or never existed. */
export type EntryRefusal = 'closed' | 'not-invited' | 'invitation-gone';

/**
 * The invitation that a page is drawn for. Where anyone may register, the address has to name it, so that a link that a
 * foreign page had this browser open decides about no other form (I11).
 */
export function chosenInvitation({ settings, linkTokens }: Core, context: RequestContext): string {
  if (settings.registration === 'open') return context.flow || (namedFlow(context) ?? '');
  linkTokens.choose(context, tokens.invitation);
  return context.flow;
}

/** Asks the setting and the invitation of a handle that was opened in this browser; nothing is spent. */
export function createEntry(core: Core) {
  const { registration } = core.settings;
  return async (context: RequestContext, flow = context.flow): Promise<Entry> => {
    if (registration === 'closed') return { ok: false, reason: 'closed' };
    const token = core.linkTokens.read(context, tokens.invitation, flow);
    const found =
      token === null ? null : await core.oneTimeTokens.read(tokens.invitation, token, core.clock());
    if (token !== null && found !== null)
      return { ok: true, invited: { flow, token, invitation: found.data } };
    if (token !== null) core.linkTokens.clear(context, flow);
    if (registration === 'open') return { ok: true, invited: null };
    return { ok: false, reason: token === null ? 'not-invited' : 'invitation-gone' };
  };
}

/** Thrown out of the transaction that would have made the account. */
export class InvitationUsed extends Error {
  constructor() {
    super('the invitation was spent, revoked or over in the meantime');
    this.name = 'InvitationUsed';
  }
}

/**
 * Spends an invitation in the transaction that makes the account, so that it makes one and no more.
 * @throws {InvitationUsed} when another request was faster
 */
export async function spendInvitation(
  { oneTimeTokens }: Core,
  transaction: Queries,
  { token }: Invited,
  now: number,
): Promise<void> {
  const spent = await oneTimeTokens.spend(transaction, tokens.invitation, token, now);
  if (spent === null) throw new InvitationUsed();
}
