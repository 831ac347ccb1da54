import { defineFeature } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import { rememberedDevicesService } from '../remembered-devices/index.ts';
import { bounds, changes, emails, events, flashes, limits, tables, tokens } from './definitions.ts';
import { factorsCommand } from './factors-command.ts';
import { deadlineData, factorData, recoveryData, removedFactorData } from './personal-data.ts';
import { factorDeadlinesStep } from './policy/deadlines.ts';
import { beginAtSignIn, followPolicy, remindOwners } from './policy/grace.ts';
import { factorPolicyService } from './policy/policy.ts';
import { policyFaults, policySettings } from './policy/settings.ts';
import { listSetups, setupPage, setupStep } from './policy/setup-step.ts';
import { factorRecoveriesStep } from './recovery-store.ts';
import { expiringRemovedFactors, removedFactorsStep } from './removed-store.ts';
import { securityPage } from './security.ts';
import { listFactors, secondFactorStep, stepPage } from './step.ts';
import { passwordVersionsStep, secondFactorsStep, unaskedFactorsStep } from './store.ts';
import * as words from './words.ts';
import { securityPanelWords } from './words.ts';

export { defineCodeStep } from './code-step.ts';
export { emails, events, flashes, tokens } from './definitions.ts';
export {
  attemptCode,
  factorFact,
  factsWith,
  isProtected,
  mayAdd,
  mayAddAtSignIn,
  noteFactorUse,
} from './factors.ts';
export { openStep } from './open-step.ts';
export { cancelSignIn, factorReminder, type OtherFactor, otherFactors } from './pages.ts';
export type { FactorDeadlineTables } from './policy/deadlines.ts';
export { beginGrace } from './policy/grace.ts';
export { type FactorPolicy, factorPolicyService, roleFacts } from './policy/policy.ts';
export { policySettings } from './policy/settings.ts';
export { SETUP_STEP } from './policy/setup-step.ts';
export { pendingRecovery } from './recovery.ts';
export {
  accountsToRemind,
  deleteRecovery,
  type FactorRecoveryTables,
  insertRecovery,
  moveNotice,
  type StoredRecovery,
} from './recovery-store.ts';
export {
  nextChange,
  planUndo,
  removeFactors,
  removeUnlessRequired,
  type Undoing,
  undoSince,
} from './removal.ts';
export type { RemovedFactorTables } from './removed-store.ts';
export { deleteUnprovenFactors, parseReason, resetFactors } from './reset.ts';
export { createSessionSeal, type Sealing } from './session-seal.ts';
export {
  loadFactorStep,
  STEP as SECOND_FACTOR_STEP,
  STEP_PATH as SECOND_FACTOR_PATH,
} from './step.ts';
export {
  askForFactors,
  deleteFactors,
  factorRowsOf,
  insertFactor,
  notedPasswordOf,
  notePassword,
  type SecondFactorTables,
  type StoredFactor,
} from './store.ts';
export { changeWords, codeWords, policyWords } from './words.ts';

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
  settings: policySettings,
  settingFaults: policyFaults,
  migrations: [
    secondFactorsStep,
    removedFactorsStep,
    factorRecoveriesStep,
    factorDeadlinesStep,
    passwordVersionsStep,
    unaskedFactorsStep,
  ],
  commands: factorsCommand,
  needs: { policy: factorPolicyService, devices: rememberedDevicesService },
  pages: [stepPage, setupPage, securityPage],
  actions: [listFactors, listSetups],
  compose: (core, { policy, devices }) => ({
    signInSteps: [
      { ...secondFactorStep(core, devices), position: 5 },
      { ...setupStep(policy), position: 30 },
    ],
    afterSignIn: policy.isOn ? [beginAtSignIn(core, policy)] : [],
    sessionRules: policy.isOn ? [followPolicy(core, policy)] : [],
    expiring: [remindOwners(core, policy), expiringRemovedFactors],
    accountPanels: [{ path: paths.security, content: (words) => words(securityPanelWords), position: 20 }],
    personalData: [
      factorData(core.database),
      removedFactorData(core.database),
      recoveryData(core.database),
      deadlineData(core.database),
    ],
  }),
});
