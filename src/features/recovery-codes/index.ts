import { defineFeature } from '../../auth/feature.ts';
import { bounds, changes, cookies, emails, events, flashes, tables } from './definitions.ts';
import { codesPage, DOWNLOAD, downloadCodes, replaceCodes } from './manage.ts';
import { codeData } from './personal-data.ts';
import {
  downloadAtSignIn,
  finishSignIn,
  STEP_DOWNLOAD,
  savedCodesStep,
  signInCodesPage,
} from './sign-in-codes.ts';
import { recoveryFactor, recoveryStep } from './step.ts';
import { recoveryCodesStep } from './store.ts';
import * as words from './words.ts';

export { createMissingList, createShownList, type NewList } from './list.ts';
export { PAGE as recoveryCodesPath } from './manage.ts';
export { continueWithFactor, signInWithCodes } from './sign-in-codes.ts';

/** Ten codes on paper, which stand for a second factor that is lost. */
export const recoveryCodes = defineFeature({
  name: 'recovery-codes',
  words,
  events,
  flashes,
  emails,
  changes,
  cookies,
  tables,
  bounds,
  migrations: [recoveryCodesStep],
  pages: [codesPage, signInCodesPage, recoveryStep.page],
  actions: [replaceCodes, finishSignIn, recoveryStep.action],
  compose: (core) => ({
    signInSteps: [{ ...savedCodesStep, position: 8 }],
    secondFactors: [{ ...recoveryFactor(core), position: 90 }],
    personalData: [codeData(core.database)],
    routes: [
      { method: 'GET', path: DOWNLOAD, access: 'fresh', limit: 'none', handle: downloadCodes(core) },
      {
        method: 'GET',
        path: STEP_DOWNLOAD,
        access: 'public',
        limit: 'none',
        handle: downloadAtSignIn(core),
      },
    ],
  }),
});
