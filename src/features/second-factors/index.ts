import { defineFeature } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import { bounds, changes, emails, events, flashes, limits, tables, tokens } from './definitions.ts';
import { factorsCommand } from './factors-command.ts';
import { factorData, recoveryData, removedFactorData } from './personal-data.ts';
import { factorRecoveriesStep } from './recovery-store.ts';
import { expiringRemovedFactors, removedFactorsStep } from './removed-store.ts';
import { securityPage } from './security.ts';
import { listFactors, secondFactorStep, stepPage } from './step.ts';
import { secondFactorsStep } from './store.ts';
import * as words from './words.ts';
import { securityPanelWords } from './words.ts';

export { defineCodeStep } from './code-step.ts';
export { emails, events, flashes, tokens } from './definitions.ts';
export { attemptCode, factorFact, isProtected, mayAdd, noteFactorUse } from './factors.ts';
export { cancelSignIn, type OtherFactor, otherFactors } from './pages.ts';
export { pendingRecovery } from './recovery.ts';
export {
  accountsToRemind,
  deleteRecovery,
  type FactorRecoveryTables,
  insertRecovery,
  moveNotice,
  type StoredRecovery,
} from './recovery-store.ts';
export { nextChange, planUndo, removeFactors, type Undoing, undoSince } from './removal.ts';
export type { RemovedFactorTables } from './removed-store.ts';
export { parseReason, resetFactors } from './reset.ts';
export { createSessionSeal } from './session-seal.ts';
export {
  loadFactorStep,
  STEP as SECOND_FACTOR_STEP,
  STEP_PATH as SECOND_FACTOR_PATH,
} from './step.ts';
export {
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
  tokens,
  changes,
  tables,
  bounds,
  migrations: [secondFactorsStep, removedFactorsStep, factorRecoveriesStep],
  commands: factorsCommand,
  pages: [stepPage, securityPage],
  actions: [listFactors],
  compose: (core) => ({
    signInSteps: [{ ...secondFactorStep(core), position: 5 }],
    accountPanels: [{ path: paths.security, content: (words) => words(securityPanelWords), position: 20 }],
    expiring: [expiringRemovedFactors],
    personalData: [factorData(core.database), removedFactorData(core.database), recoveryData(core.database)],
  }),
});
