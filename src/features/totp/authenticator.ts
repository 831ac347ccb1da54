import { z } from 'zod';
import { type Done, defineAction, definePage, flag, type Refused, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { changeFactors } from '../factor-changes/index.ts';
import {
  createMissingList,
  createShownList,
  type NewList,
  recoveryCodesPath,
} from '../recovery-codes/index.ts';
import {
  changeWords,
  codeWords,
  flashes as factorFlashes,
  insertFactor,
  mayAdd,
  removeFactors,
} from '../second-factors/index.ts';
import { changes, flashes } from './definitions.ts';
import { createNewSecrets } from './new-secret.ts';
import { authenticatorView } from './pages.ts';
import { qrCode } from './qr-code.ts';
import { createSecretSeal } from './secrets.ts';
import { insertSecret, secretOf } from './store.ts';
import { findStep } from './totp.ts';
import { labelWords, pageWords } from './words.ts';

export const KIND = 'totp';
export const PAGE = '/account/authenticator';

/** A new secret to scan or type, or what is set up. A form that is drawn again keeps its secret. */
export const authenticatorPage = definePage({
  path: PAGE,
  access: 'fresh',
  load: (core) => {
    const newSecrets = createNewSecrets(core);
    return async (context) => {
      const { user } = context.signedIn;
      if ((await secretOf(core.database.queries, user.id)) !== null) return { username: user.username };
      if (!mayAdd(core, context)) {
        core.pages.flash(context, factorFlashes.confirmAddressForFactor);
        return core.pages.redirect(paths.confirmAddress);
      }
      const kept = newSecrets.open(context, (context.typed ?? context.refused)?.text('setup') ?? '');
      const { text, uri, setup } =
        kept === null ? newSecrets.create(context) : newSecrets.again(context, kept);
      return { username: user.username, offered: { text, uri, setup, image: await qrCode(uri) } };
    };
  },
  view: authenticatorView,
});

/**
 * Sets up the secret of the form once a code of it shows that the app has it; the first factor comes with recovery codes. The
 * form of the page with `remove` removes it. Without `setup`, API clients get another secret, as they have no page.
 */
export const changeAuthenticator = defineAction({
  path: PAGE,
  access: 'fresh',
  input: z.object({ setup: text(), code: text(), remove: flag() }),
  keeps: ['setup'],
  reasons: {
    'address-unconfirmed': {
      status: 409,
      text: (words) => factorFlashes.confirmAddressForFactor.text(words, 0),
      instead: { next: paths.confirmAddress, flashes: [factorFlashes.confirmAddressForFactor] },
    },
    'set-up-already': {
      status: 409,
      text: (words) => flashes.authenticatorAlready.text(words, 0),
      instead: { next: PAGE, flashes: [flashes.authenticatorAlready] },
    },
    'setup-expired': {
      status: 409,
      text: (words) => flashes.authenticatorExpired.text(words, 0),
      instead: { next: PAGE, flashes: [flashes.authenticatorExpired] },
    },
    'code-missing': { status: 422, field: 'code', text: (words) => words(codeWords).missing },
    'code-refused': { status: 401, field: 'code', text: (words) => words(pageWords).refused },
    'not-set-up': {
      status: 409,
      text: (words) => flashes.authenticatorMissing.text(words, 0),
      instead: { next: paths.security, flashes: [flashes.authenticatorMissing] },
    },
  },
  run: (core) => {
    const newSecrets = createNewSecrets(core);
    return async ({ context, input: { setup, code, remove: isRemoval } }) => {
      if (isRemoval) return remove(core, context);
      const refusal = await refusalOf(core, context);
      if (refusal !== null) return { ok: false, problems: [{ reason: refusal }] };
      if (setup === '') {
        const { text: secret, uri, setup: sealed } = newSecrets.create(context);
        return { ok: true, next: PAGE, data: { secret, uri, setup: sealed } };
      }
      const secret = newSecrets.open(context, setup);
      if (secret === null) return { ok: false, problems: [{ reason: 'setup-expired' }] };
      if (code.trim() === '') return { ok: false, problems: [{ reason: 'code-missing' }] };
      // Not limited: the secret is in the form, so that there is nothing to guess.
      const lastStep = findStep(secret, code, { now: core.clock(), lastStep: null });
      if (lastStep === null) return { ok: false, problems: [{ reason: 'code-refused' }] };
      return add(core, context, { secret, lastStep });
    };
  },
});

async function refusalOf(
  core: Core,
  context: SignedInContext,
): Promise<'address-unconfirmed' | 'set-up-already' | null> {
  if (!mayAdd(core, context)) return 'address-unconfirmed';
  const isSetUp = (await secretOf(core.database.queries, context.signedIn.user.id)) !== null;
  return isSetUp ? 'set-up-already' : null;
}

/** Of several requests at once, the unique index lets one through. */
async function add(
  core: Core,
  context: SignedInContext,
  { secret, lastStep }: { readonly secret: Buffer; readonly lastStep: number },
): Promise<Done | Refused<'set-up-already'>> {
  const { user, session } = context.signedIn;
  const seal = createSecretSeal(core);
  const made: { list: NewList | null } = { list: null };
  const changed = await changeFactors(core, context, changes.authenticatorAdded, {
    accountId: user.id,
    said: saidOf(context, 'added'),
    apply: async (transaction, now) => {
      const factorId = await insertFactor(transaction, user.id, { kind: KIND, now });
      const sealed = seal.seal(secret, factorId);
      await insertSecret(transaction, user.id, { factorId, sealed, lastStep });
      made.list = await createMissingList(transaction, user.id, now);
      return true;
    },
    event: { accountId: user.id, sessionId: session.id, factor: KIND },
  });
  if (!changed.ok) return { ok: false, problems: [{ reason: 'set-up-already' }] };
  const { list } = made;
  if (list !== null) createShownList(core).keep(context, list);
  return {
    ok: true,
    next: list === null ? paths.security : recoveryCodesPath,
    flashes: [flashes.authenticatorAdded],
    data: { recoveryCodes: list?.codes ?? null },
  };
}

function saidOf({ words }: SignedInContext, change: 'added' | 'removed'): string {
  return words(changeWords)[change](words(labelWords).label);
}

/** Removes it, and with the last factor the recovery codes. */
async function remove(core: Core, context: SignedInContext): Promise<Done | Refused<'not-set-up'>> {
  const { user, session } = context.signedIn;
  const isMeant = ({ kind }: { readonly kind: string }) => kind === KIND;
  const changed = await changeFactors(core, context, changes.authenticatorRemoved, {
    accountId: user.id,
    said: saidOf(context, 'removed'),
    apply: (transaction, at) => removeFactors(core, transaction, { accountId: user.id, at, isMeant }),
    event: { accountId: user.id, sessionId: session.id, factor: KIND },
  });
  if (!changed.ok) return { ok: false, problems: [{ reason: 'not-set-up' }] };
  return { ok: true, next: paths.security, flashes: [flashes.authenticatorRemoved] };
}
