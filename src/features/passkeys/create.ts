import type { Refused } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId, SessionId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { Id } from '../../platform/text/index.ts';
import { changeFactors } from '../factor-changes/index.ts';
import { createMissingList, type NewList } from '../recovery-codes/index.ts';
import { insertFactor, isProtected } from '../second-factors/index.ts';
import { type Creation, createChallenges } from './challenges.ts';
import { INVALID } from './checks.ts';
import { type changes, KIND, MOST_PASSKEYS } from './definitions.ts';
import type { CountPasskey } from './metrics.ts';
import { creationOptions, relyingPartyOf } from './relying-party.ts';
import { parseRegistration } from './responses.ts';
import { insertPasskey, insertSpentChallenge, type Passkey, passkeysOf } from './store.ts';
import { reasonFor, type useReasons } from './use.ts';
import { type CreationPurpose, verifyCreation } from './verification.ts';
import { changeWords, labelWords } from './words.ts';

type Requested = {
  readonly ceremony: Exclude<Creation, 'register'>;
  readonly user: { readonly id: AccountId; readonly username: string };
  readonly existing: readonly Passkey[];
};

/** What the browser of a user needs for another passkey, with a new challenge. */
export function creationOptionsFor(core: Core, context: RequestContext, requested: Requested) {
  const { ceremony, user } = requested;
  const challenge = createChallenges(core).create(context, { ceremony, subject: user.id });
  return creationOptions(relyingPartyOf(core), { challenge, ...requested });
}

/** The name of a passkey, as its user reads it. */
export function nameOf({ words }: Pick<RequestContext, 'words'>, { name }: Pick<Passkey, 'name'>): string {
  return name === '' ? words(labelWords).unnamed : name;
}

/** What the mail about a passkey says. */
export function saidOf(context: RequestContext, change: 'added' | 'removed', passkey: Pick<Passkey, 'name'>) {
  return context.words(changeWords)[change](nameOf(context, passkey));
}

export function refused<Name extends string>(reason: Name): Refused<Name> {
  return { ok: false, problems: [{ reason }] };
}

export type Accepted = Extract<Awaited<ReturnType<typeof verifyCreation>>, { readonly ok: true }>;

/** Verifies what a browser has sent as a new passkey. */
export async function acceptCreation(
  core: Core,
  count: CountPasskey,
  context: RequestContext,
  { credential, ...purpose }: CreationPurpose & { readonly credential: string },
): Promise<Accepted | Refused<keyof typeof useReasons>> {
  const response = parseRegistration(credential);
  const verified = response === null ? INVALID : await verifyCreation(core, context, purpose, response);
  if (verified.ok) return verified;
  const reason = reasonFor(verified.reason);
  count(purpose.ceremony, reason);
  return refused(reason);
}

type Creating = Accepted & {
  readonly ceremony: Exclude<Creation, 'register'>;
  readonly change: (typeof changes)[
    | 'passkeyAdded'
    | 'passkeyAddedAtSignIn'
    | 'furtherPasskeyAdded'
    | 'passkeyUpgraded'];
  readonly accountId: AccountId;
  /** Null in a sign-in. */
  readonly sessionId: SessionId | null;
};

type Made =
  | { readonly ok: true; readonly id: Id; readonly factorId: Id; readonly list: NewList | null }
  | { readonly ok: false; readonly reason: 'passkey-expired' | 'too-many-passkeys' };

/** The unique indexes of challenges and credentials let one of several equal requests through (A41). */
export async function createPasskey(
  core: Core,
  count: CountPasskey,
  context: RequestContext,
  creating: Creating,
): Promise<Made> {
  const made = await insert(core, context, creating);
  count(creating.ceremony, made.ok ? 'accepted' : made.reason);
  return made;
}

async function insert(
  core: Core,
  context: RequestContext,
  { ceremony, change, accountId, sessionId, challenge, created }: Creating,
): Promise<Made> {
  const isUpgrade = ceremony === 'upgrade';
  const made: { result: Extract<Made, { ok: true }> | null } = { result: null };
  const changed = await changeFactors(core, context, change, {
    accountId,
    said: saidOf(context, 'added', created),
    apply: async (transaction, now) => {
      await insertSpentChallenge(transaction, challenge);
      // A sign-in has shown no factor: one that was added since it was asked for one is not joined by another (A35).
      if (sessionId === null && (await isProtected(core, accountId, transaction))) return false;
      // The browser creates the first one alone.
      if ((await passkeysOf(transaction, accountId)).length >= (isUpgrade ? 1 : MOST_PASSKEYS))
        return { ok: false, reason: 'too-many-passkeys' } as const;
      const factorId = await insertFactor(transaction, accountId, { kind: KIND, now, isUnasked: isUpgrade });
      const id = await insertPasskey(transaction, { accountId, factorId }, created, now);
      // What is not asked for cannot be missing, so its user is shown no codes.
      const list = isUpgrade ? null : await createMissingList(transaction, accountId, now);
      made.result = { ok: true, id, factorId, list };
      return true;
    },
    event: { accountId, sessionId, factor: KIND },
  });
  if (!changed.ok && changed.reason !== 'conflict') return { ok: false, reason: changed.reason };
  return (changed.ok ? made.result : null) ?? { ok: false, reason: 'passkey-expired' };
}
