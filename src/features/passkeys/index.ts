import { defineFeature } from '../../auth/feature.ts';
import { factorPolicyService } from '../second-factors/index.ts';
import { composePasskeys } from './compose.ts';
import { confirmByPasskey, confirmPage } from './confirm.ts';
import { bounds, changes, cookies, emails, events, flashes, KIND, limits, tables } from './definitions.ts';
import { changePasskeys, passkeysPage } from './manage.ts';
import { declineOffer } from './offer.ts';
import { registerPage, registerWithPasskey } from './register.ts';
import { arePasskeysOn } from './relying-party.ts';
import { passkeySettings, rpIdFaults } from './settings.ts';
import { signInPage, signInWithPasskey } from './sign-in.ts';
import { setUpAtSignIn, setupAtSignInPage } from './sign-in-setup.ts';
import { proveByPasskey, stepPage } from './step.ts';
import { passkeysStep } from './store.ts';
import { upgrade } from './upgrade.ts';
import { removePassword, withoutPasswordPage } from './without-password.ts';
import * as words from './words.ts';
import { labelWords } from './words.ts';

export { hasDomain, passkeyFaults } from './settings.ts';

/** Passkeys (WebAuthn Level 3): signing in without a password, and a second factor that cannot be phished. */
export const passkeys = defineFeature({
  name: 'passkeys',
  words,
  bounds,
  events,
  flashes,
  limits,
  emails,
  cookies,
  changes,
  tables,
  tablesNotCopied: { spent_passkey_challenges: 'they belong to pages that are open at this moment' },
  settings: passkeySettings,
  settingFaults: rpIdFaults,
  methodLabels: { [KIND]: (words) => words(labelWords).method },
  migrations: [passkeysStep],
  isOn: arePasskeysOn,
  pages: [
    registerPage,
    signInPage,
    stepPage,
    confirmPage,
    passkeysPage,
    setupAtSignInPage,
    withoutPasswordPage,
  ],
  actions: [
    registerWithPasskey,
    signInWithPasskey,
    proveByPasskey,
    confirmByPasskey,
    changePasskeys,
    setUpAtSignIn,
    removePassword,
    declineOffer,
    upgrade,
  ],
  needs: { policy: factorPolicyService },
  compose: (core, { policy }) => composePasskeys(core, policy),
});
