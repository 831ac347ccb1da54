import { defineFeature } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import { bounds, changes, emails, events, flashes, limits, tables } from './definitions.ts';
import { factorsCommand } from './factors-command.ts';
import { factorData } from './personal-data.ts';
import { securityPage } from './security.ts';
import { listFactors, secondFactorStep, stepPage } from './step.ts';
import { secondFactorsStep } from './store.ts';
import * as words from './words.ts';
import { securityPanelWords } from './words.ts';

export { defineCodeStep } from './code-step.ts';
export { emails, events, flashes } from './definitions.ts';
export {
  attemptCode,
  ensureFactor,
  factorFact,
  isProtected,
  mayAdd,
  noteFactorUse,
  removeFactor,
} from './factors.ts';
export { cancelSignIn, type OtherFactor, otherFactors } from './pages.ts';
export { parseReason, resetFactors } from './reset.ts';
export { createSessionSeal } from './session-seal.ts';
export { loadFactorStep, STEP as SECOND_FACTOR_STEP } from './step.ts';
export {
  deleteFactors,
  factorRowsOf,
  insertFactor,
  type SecondFactorTables,
  type StoredFactor,
} from './store.ts';
export { changeWords, codeWords } from './words.ts';

/** Asks every sign-in to an account with a second factor for one, whichever features declare them. */
export const secondFactors = defineFeature({
  name: 'second-factors',
  words,
  events,
  flashes,
  limits,
  emails,
  changes,
  tables,
  bounds,
  migrations: [secondFactorsStep],
  commands: factorsCommand,
  pages: [stepPage, securityPage],
  actions: [listFactors],
  compose: (core) => ({
    signInSteps: [{ ...secondFactorStep(core), position: 5 }],
    accountPanels: [{ path: paths.security, content: (words) => words(securityPanelWords), position: 20 }],
    personalData: [factorData(core.database)],
  }),
});
