import { defineFeature } from '../../auth/feature.ts';
import { authenticatorPage, changeAuthenticator } from './authenticator.ts';
import { bounds, changes, flashes, tables } from './definitions.ts';
import { secretData } from './personal-data.ts';
import { setUpAtSignIn, setupAtSignInPage } from './sign-in-setup.ts';
import { authenticatorFactor, authenticatorStep } from './step.ts';
import { totpStep } from './store.ts';
import * as words from './words.ts';

export { codeOf } from './totp.ts';

/** Codes of an authenticator app as a second factor (RFC 6238). */
export const totp = defineFeature({
  name: 'totp',
  words,
  flashes,
  changes,
  tables,
  bounds,
  migrations: [totpStep],
  pages: [authenticatorPage, setupAtSignInPage, authenticatorStep.page],
  actions: [changeAuthenticator, setUpAtSignIn, authenticatorStep.action],
  compose: (core) => ({
    secondFactors: [{ ...authenticatorFactor(core), position: 20 }],
    personalData: [secretData(core.database)],
  }),
});
