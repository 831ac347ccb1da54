import { defineFeature } from '../../auth/feature.ts';
import { emails, events, flashes, tables } from './definitions.ts';
import { memoryFaults, warnOfShortMemory } from './hashing/memory.ts';
import { limits } from './limits.ts';
import { passwordData } from './personal-data.ts';
import { warnOfShortMinimum } from './policy/minimum-length.ts';
import { breachCheckService, hasherService, hashingMetrics, passwordsService } from './services.ts';
import { passwordSettings } from './settings.ts';
import * as words from './words.ts';

export { probeRangeApi, rangeApiAt } from './breaches/range-api.ts';
export { passwordChangedNotice } from './change-notice.ts';
export { emails } from './definitions.ts';
export { createHasher, type Hasher, type HasherOptions } from './hashing/hasher.ts';
export { MEMORY_ADVICE } from './hashing/memory.ts';
export { FLOOR, formatParameters, type HashParameters, isWeaker } from './hashing/parameters.ts';
export { createPeppers, type Peppers } from './hashing/peppers.ts';
export { thisThread } from './hashing/this-thread.ts';
export { describeShortage, planHashing } from './hashing/thread-count.ts';
export type { HashingThreads } from './hashing/threads.ts';
export { createMeasure, tuneParameters } from './hashing/tune.ts';
export {
  forgiveFailures,
  limitOwnHash,
  limitReauthentication,
  limitSignIn,
  limits,
  type SignInAttempt,
} from './limits.ts';
export { knownUsername, NEW_PASSWORD, newPasswordField, passwordField } from './pages.ts';
export type { Passwords } from './passwords.ts';
export { pepperUse } from './pepper-use.ts';
export { shortMinimum } from './policy/minimum-length.ts';
export { newPasswordProblem, newPasswordReasons, noticesAbout } from './policy/new-password-reasons.ts';
export { accountKey, clientKey, signInKey } from './queue-keys.ts';
export { attemptProof } from './renewed-proof.ts';
export { breachTimeout, hasherService, passwordsService } from './services.ts';
export { passwordSettings } from './settings.ts';
export { changedAtLookUp as passwordVersions } from './store.ts';
export type { Verification } from './verification.ts';
export { newPasswordWords } from './words.ts';

/** Passwords: their policy, their hashing, the list of common ones, and the check for breached ones. */
export const passwords = defineFeature({
  name: 'passwords',
  words,
  events,
  flashes,
  settings: passwordSettings,
  settingFaults: memoryFaults,
  tables,
  emails,
  limits,
  needs: {
    passwords: passwordsService,
    hasher: hasherService,
    breaches: breachCheckService,
    measured: hashingMetrics,
  },
  compose: (core, { passwords, hasher, breaches, measured }) => {
    measured?.watchLoad(hasher.load);
    warnOfShortMinimum(core);
    warnOfShortMemory(core);
    return {
      personalData: [passwordData(passwords)],
      close: () => Promise.all([breaches.close(), hasher.close()]),
    };
  },
});

export { events, flashes } from './definitions.ts';
