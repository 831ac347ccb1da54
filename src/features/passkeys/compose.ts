import type { Core } from '../../auth/core.ts';
import { type FeatureParts, openRoute, siteRoute } from '../../auth/feature.ts';
import type { FactorPolicy } from '../second-factors/index.ts';
import { confirmButtons } from './confirm.ts';
import { passkeyOffer } from './offer.ts';
import { passkeyData } from './personal-data.ts';
import { arePasskeysOn, relyingPartyOf } from './relying-party.ts';
import { script } from './script.ts';
import { passkeyMethod, signInButton } from './sign-in.ts';
import { passkeyFactor } from './step.ts';
import { expiringChallenges } from './store.ts';

/** Where passkeys are off, those of before still count as a factor, and no sign-in goes past them (A65). */
export function composePasskeys(core: Core, policy: FactorPolicy): FeatureParts {
  const common = {
    signInMethods: [passkeyMethod(core)],
    personalData: [passkeyData(core.database)],
    expiring: [expiringChallenges],
  };
  if (!arePasskeysOn(core)) return common;
  const { answers } = core;
  const { origins } = relyingPartyOf(core);
  return {
    ...common,
    secondFactors: [{ ...passkeyFactor(core), position: 10 }],
    signInButtons: [signInButton],
    banners: [passkeyOffer(core, policy)],
    reauthenticationButtons: (accountId) => confirmButtons(core, accountId),
    routes: [
      openRoute(script.path, () => answers.file(script.body, 'text/javascript; charset=utf-8')),
      // Related origin requests (WebAuthn Level 3 §5.11.1).
      siteRoute('/.well-known/webauthn', () => answers.json({ origins })),
    ],
  };
}
