import type { Reason, Refused } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId, SessionId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { Id } from '../../platform/text/index.ts';
import { changeFactors } from '../factor-changes/index.ts';
import { createMissingList, type NewList } from '../recovery-codes/index.ts';
import {
  changeWords,
  codeWords,
  insertFactor,
  isProtected,
  removeFactors,
  type Sealing,
} from '../second-factors/index.ts';
import type { changes } from './definitions.ts';
import type { createNewSecrets, NewSecret } from './new-secret.ts';
import { qrCode } from './qr-code.ts';
import { createSecretSeal } from './secrets.ts';
import { insertSecret } from './store.ts';
import { findStep } from './totp.ts';
import { labelWords, pageWords } from './words.ts';

export const KIND = 'totp';

/** Why the form that sets an app up is drawn again, wherever it is. */
export const codeReasons = {
  'code-missing': { status: 422, field: 'code', text: (words) => words(codeWords).missing },
  'code-refused': { status: 401, field: 'code', text: (words) => words(pageWords).refused },
} satisfies Readonly<Record<string, Reason<'code'>>>;

/** A secret of which its app has shown a code; the step of that code counts as used. */
type Confirmed = { readonly ok: true; readonly secret: Buffer; readonly lastStep: number };

/** Not limited: the secret is in the form, so that there is nothing to guess. */
export function confirmSecret(
  core: Core,
  { open }: Pick<ReturnType<typeof createNewSecrets>, 'open'>,
  { sealing, setup, code }: { readonly sealing: Sealing; readonly setup: string; readonly code: string },
): Confirmed | Refused<'setup-expired' | keyof typeof codeReasons> {
  const secret = open({ sealing }, setup);
  if (secret === null) return { ok: false, problems: [{ reason: 'setup-expired' }] };
  if (code.trim() === '') return { ok: false, problems: [{ reason: 'code-missing' }] };
  const lastStep = findStep(secret, code, { now: core.clock(), lastStep: null });
  if (lastStep === null) return { ok: false, problems: [{ reason: 'code-refused' }] };
  return { ok: true, secret, lastStep };
}

/** What a page shows of a secret. */
export async function shownSecret({ text, uri, setup }: NewSecret) {
  return { text, uri, setup, image: await qrCode(uri) };
}

type SettingUp = Pick<Confirmed, 'secret' | 'lastStep'> & {
  readonly change: (typeof changes)[
    | 'authenticatorAdded'
    | 'authenticatorAddedAtSignIn'
    | 'authenticatorReplaced'];
  readonly accountId: AccountId;
  /** Null in a sign-in. */
  readonly sessionId: SessionId | null;
};

/** The app that was set up, and the recovery codes where it came with some. */
export type SetUp = { readonly factorId: Id; readonly list: NewList | null };

/** Sets the app up. Of several requests at once, the unique index lets one through. @returns null for the others */
export async function setUpApp(
  core: Core,
  context: RequestContext,
  { change, accountId, sessionId, secret, lastStep }: SettingUp,
): Promise<SetUp | null> {
  const seal = createSecretSeal(core);
  const isReplacement = change.event.name === 'second-factor-replaced';
  const made: { setUp: SetUp | null } = { setUp: null };
  const isMeant = ({ kind }: { readonly kind: string }) => kind === KIND;
  const changed = await changeFactors(core, context, change, {
    accountId,
    said: saidOf(context, isReplacement ? 'replaced' : 'added'),
    apply: async (transaction, now) => {
      // A sign-in has shown no factor: one that was added since it was asked for one is not joined by another (A35).
      if (sessionId === null && (await isProtected(core, accountId, transaction))) return false;
      if (isReplacement)
        await removeFactors(core, transaction, { accountId, at: now, isMeant, keepsBackups: true });
      const factorId = await insertFactor(transaction, accountId, { kind: KIND, now });
      const sealed = seal.seal(secret, factorId);
      await insertSecret(transaction, accountId, { factorId, sealed, lastStep });
      made.setUp = { factorId, list: await createMissingList(transaction, accountId, now) };
      return true;
    },
    event: { accountId, sessionId, factor: KIND },
  });
  return changed.ok ? made.setUp : null;
}

/** What the mail about a change of the app says. */
export function saidOf({ words }: RequestContext, change: 'added' | 'removed' | 'replaced'): string {
  return words(changeWords)[change](words(labelWords).label);
}
