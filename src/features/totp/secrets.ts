import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { maxConsecutiveFailures } from '../../platform/rate-limit/index.ts';
import type { Id } from '../../platform/text/index.ts';
import { reserveFailure, secretOf, spendStep } from './store.ts';
import { findStep } from './totp.ts';

/** Seals secrets where they lie, each for its own factor: the database alone gives no codes. */
export function createSecretSeal({ sealFor }: Core) {
  const { seal, open } = sealFor('totp-secrets');
  return {
    seal: (secret: Uint8Array, factorId: Id): Uint8Array =>
      seal(Buffer.from(secret).toString('base64url'), factorId),
    /** Null where `SECRET_KEY` was replaced. */
    open: (sealed: Uint8Array, factorId: Id): Buffer | null => {
      const text = open(sealed, factorId);
      return text === null ? null : Buffer.from(text, 'base64url');
    },
  };
}

/** Whether this is a code of the account's authenticator app that was never used; from now on it is (A35). */
export async function spendTotp(
  core: Core,
  context: RequestContext,
  accountId: AccountId,
  typed: string,
): Promise<boolean> {
  const { clock, database, devices, log } = core;
  const stored = await secretOf(database.queries, accountId);
  if (stored === null) return false;
  const { factorId, lastStep } = stored;
  const isKnown = (await devices.known(context, accountId, clock())) !== null;
  const most = maxConsecutiveFailures(isKnown);
  if (!(await reserveFailure(database.queries, factorId, most))) return false;
  const seal = createSecretSeal(core);
  const secret = seal.open(stored.sealed, factorId);
  // Only the operator can fix that, with the key of before.
  if (secret === null) log.error({ event: 'totp-secret-unreadable', accountId });
  const step = secret === null ? null : findStep(secret, typed, { now: clock(), lastStep });
  if (secret === null || step === null) return false;
  return spendStep(database.queries, factorId, { step, sealed: seal.seal(secret, factorId) });
}
