import { z } from 'zod';
import { type Done, defineAction, definePage, flag, type Refused, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { changeFactors } from '../factor-changes/index.ts';
import { createShownList, recoveryCodesPath } from '../recovery-codes/index.ts';
import {
  type FactorPolicy,
  flashes as factorFlashes,
  factorPolicyService,
  mayAdd,
  policyWords,
  removeUnlessRequired,
} from '../second-factors/index.ts';
import { changes, flashes } from './definitions.ts';
import { createNewSecrets } from './new-secret.ts';
import { authenticatorView } from './pages.ts';
import { codeReasons, confirmSecret, KIND, saidOf, setUpApp, shownSecret } from './set-up.ts';
import { secretOf } from './store.ts';

export const PAGE = '/account/authenticator';

const needs = { policy: factorPolicyService };

/** A new secret to scan or type, or what is set up. A form that is drawn again keeps its secret. */
export const authenticatorPage = definePage({
  path: PAGE,
  access: 'fresh',
  needs,
  load: (core, { policy }) => {
    const newSecrets = createNewSecrets(core);
    return async (context) => {
      const { user, session } = context.signedIn;
      const { username } = user;
      const sent = context.typed ?? context.refused;
      const isSetUp = (await secretOf(core.database.queries, user.id)) !== null;
      const isReplacement = isSetUp && (sent?.text('replace') ?? context.query('replace') ?? '') !== '';
      if (isSetUp && !isReplacement)
        return { username, canRemove: !(await policy.isRequired(user.id, session)) };
      if (!mayAdd(core, context)) {
        core.pages.flash(context, factorFlashes.confirmAddressForFactor);
        return core.pages.redirect(paths.confirmAddress);
      }
      const secret = newSecrets.offerAgain({ sealing: context, username }, sent?.text('setup') ?? '');
      return { username, isReplacement, offered: await shownSecret(secret) };
    };
  },
  view: authenticatorView,
});

/**
 * Sets up the secret of the form once a code of it shows that the app has it; the first factor comes with recovery codes.
 * With `replace` it takes the place of the one there is, with `remove` that one goes. Without `setup`, API clients get
 * another secret, as they have no page.
 */
export const changeAuthenticator = defineAction({
  path: PAGE,
  access: 'fresh',
  needs,
  input: z.object({ setup: text(), code: text(), replace: flag(), remove: flag() }),
  keeps: ['setup', 'replace'],
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
    ...codeReasons,
    'not-set-up': {
      status: 409,
      text: (words) => flashes.authenticatorMissing.text(words, 0),
      instead: { next: paths.security, flashes: [flashes.authenticatorMissing] },
    },
    'last-factor-required': { status: 409, text: (words) => words(policyWords).required },
  },
  run: (core, { policy }) => {
    const newSecrets = createNewSecrets(core);
    return async ({ context, input: { setup, code, replace: isReplacement, remove: isRemoval } }) => {
      if (isRemoval) return remove(core, policy, context);
      const { username, id } = context.signedIn.user;
      if (!mayAdd(core, context)) return { ok: false, problems: [{ reason: 'address-unconfirmed' }] };
      const isSetUp = (await secretOf(core.database.queries, id)) !== null;
      if (isSetUp && !isReplacement) return { ok: false, problems: [{ reason: 'set-up-already' }] };
      if (setup === '') {
        const { text: secret, uri, setup: sealed } = newSecrets.create({ sealing: context, username });
        return { ok: true, next: PAGE, data: { secret, uri, setup: sealed } };
      }
      const confirmed = confirmSecret(core, newSecrets, { sealing: context, setup, code });
      return confirmed.ok ? add(core, context, { ...confirmed, isReplacement: isSetUp }) : confirmed;
    };
  },
});

type Confirmed = {
  readonly secret: Buffer;
  readonly lastStep: number;
  readonly isReplacement: boolean;
};

async function add(
  core: Core,
  context: SignedInContext,
  { isReplacement, ...confirmed }: Confirmed,
): Promise<Done | Refused<'set-up-already'>> {
  const { user, session } = context.signedIn;
  const change = isReplacement ? changes.authenticatorReplaced : changes.authenticatorAdded;
  const added = { change, accountId: user.id, sessionId: session.id, ...confirmed };
  const setUp = await setUpApp(core, context, added);
  if (setUp === null) return { ok: false, problems: [{ reason: 'set-up-already' }] };
  const { list } = setUp;
  if (list !== null) createShownList(core).keep(context, context, list);
  return {
    ok: true,
    next: list === null ? paths.security : recoveryCodesPath,
    flashes: [isReplacement ? flashes.authenticatorReplaced : flashes.authenticatorAdded],
    data: { recoveryCodes: list?.codes ?? null },
  };
}

/** Removes it, and with the last factor the recovery codes; the last one stays where the account needs one. */
async function remove(
  core: Core,
  policy: FactorPolicy,
  context: SignedInContext,
): Promise<Done | Refused<'not-set-up' | 'last-factor-required'>> {
  const { user, session } = context.signedIn;
  const isRequired = await policy.isRequired(user.id, session);
  const isMeant = ({ kind }: { readonly kind: string }) => kind === KIND;
  const changed = await changeFactors(core, context, changes.authenticatorRemoved, {
    accountId: user.id,
    said: saidOf(context, 'removed'),
    apply: (transaction, at) =>
      removeUnlessRequired(core, transaction, { accountId: user.id, at, isMeant, isRequired }),
    event: { accountId: user.id, sessionId: session.id, factor: KIND },
  });
  if (changed.ok) return { ok: true, next: paths.security, flashes: [flashes.authenticatorRemoved] };
  const reason = changed.reason === 'conflict' ? 'not-set-up' : changed.reason;
  return { ok: false, problems: [{ reason }] };
}
