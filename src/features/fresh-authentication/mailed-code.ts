import type { Core } from '../../auth/core.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { isProtected } from '../second-factors/index.ts';
import { emails, tokens } from './definitions.ts';

/** Whether a code can be mailed, or was; null where the account has something stronger, or no confirmed address. */
export type MailOffer = { readonly address: string; readonly isSent: boolean } | null;

/** A code is for accounts that cannot be asked for a password, a provider (A70) or a second factor (A38). */
export async function mailOffer(core: Core, context: SignedInContext): Promise<MailOffer> {
  const { user } = context.signedIn;
  if (user.email === null || (await core.proofs.strongestOf(user.id)) !== 'mail') return null;
  if (await isProtected(core, user.id)) return null;
  return { address: user.email, isSent: (await outstandingCode(core, context)) !== null };
}

/** Mails another code; those of before are void. */
export async function sendCode(core: Core, context: SignedInContext, address: string): Promise<void> {
  const { accounts, database, mail, notices, oneTimeCodes, oneTimeTokens, clock } = core;
  const { user, session } = context.signedIn;
  const accountId = user.id;
  const occasion = notices.occasionOf(clientOf(context), clock());
  const { code, kept } = oneTimeCodes.make(boundTo(context));
  const purpose = tokens['identity-code'];
  const data = { address, sessionId: session.id, code: kept };
  await database.transaction(async (transaction) => {
    await accounts.lock(transaction, accountId);
    await oneTimeTokens.voidAll(transaction, purpose, accountId);
    await oneTimeTokens.issue(transaction, { purpose, accountId, data }, occasion.at);
    const expires = occasion.at + purpose.lifetime;
    const email = emails.identityCode.with({ username: user.username, code, expires });
    await mail.queue(transaction, { to: address, ownerId: accountId, email, occasion });
  });
}

/** Spends the code that was mailed for this session; of several requests at once, one does (A15). */
export async function spendCode(core: Core, context: SignedInContext, typed: string): Promise<boolean> {
  const sent = await outstandingCode(core, context);
  const isRight = core.oneTimeCodes.isRight(typed, sent?.code ?? '', boundTo(context));
  if (sent === null || !isRight) return false;
  return core.database.transaction((transaction) =>
    core.oneTimeTokens.spendById(transaction, tokens['identity-code'], sent.id),
  );
}

/** For no other purpose, account or session is a code any use (A13). */
function boundTo({ signedIn: { user, session } }: SignedInContext): readonly string[] {
  return [tokens['identity-code'].name, user.id, session.id];
}

async function outstandingCode({ oneTimeTokens, clock }: Core, context: SignedInContext) {
  const { user, session } = context.signedIn;
  const all = await oneTimeTokens.ofAccount(tokens['identity-code'], user.id, clock());
  const own = all.map((token) => ({ id: token.id, ...token.data }));
  return own.find(({ address, sessionId }) => address === user.email && sessionId === session.id) ?? null;
}
