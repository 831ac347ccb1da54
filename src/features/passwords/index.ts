import type { Feature } from '../../auth/feature.ts';
import { optionalSetting, setting } from '../../platform/settings/setting.ts';
import { strongSecrets } from '../../platform/settings/strong-secret.ts';
import { wholeNumber } from '../../platform/settings/values.ts';
import { breachSettings } from './breaches/breach-settings.ts';
import { hashParameters } from './hashing/parameters.ts';

export {
  BREACH_TIMEOUT,
  type BreachCheck,
  breachCheckFor,
} from './breaches/breach-check.ts';
export { queuePasswordChanged } from './change-notice.ts';
export { createHasher, type Hasher } from './hashing/hasher.ts';
export { FLOOR, formatParameters, type HashParameters, isWeaker } from './hashing/parameters.ts';
export { createPeppers, type Peppers } from './hashing/peppers.ts';
export { createMeasure, type Measurement, tuneParameters } from './hashing/tune.ts';
export { createPasswords, type Passwords } from './passwords.ts';
export { type PepperUse, pepperUse } from './pepper-use.ts';
export { passwordData } from './personal-data.ts';
export type { PasswordRefusal } from './policy/policy.ts';
export { noticesAbout, refusalInWords } from './policy/words.ts';
export { attemptProof } from './renewed-proof.ts';
export { changedAtLookUp as passwordVersions } from './store.ts';
export type { Verification } from './verification.ts';

export const passwordSettings = {
  passwordMinLength: setting({
    name: 'PASSWORD_MIN_LENGTH',
    meaning:
      'Minimum length of passwords in code points (8–64). NIST SP 800-63B-4 requires 15 if the password is the only factor.',
    fallback: '15',
    schema: wholeNumber(8, 64),
  }),
  passwordHash: setting({
    name: 'PASSWORD_HASH',
    meaning:
      'Cost of Argon2id: memory in KiB, passes, lanes. `latchkey tune` recommends a value for this machine.',
    fallback: 'm=19456,t=4,p=1',
    schema: hashParameters,
  }),
  passwordPepper: optionalSetting({
    name: 'PASSWORD_PEPPER',
    meaning:
      'A secret of at least 32 bytes that goes into every password hash and is not in the database; `new,old` rotates. If it is lost, no password can be verified.',
    fallbackMeaning: 'none: hashes are salted only',
    secret: true,
    schema: strongSecrets,
  }),
  ...breachSettings,
};

/** Passwords: their policy, their hashing, the list of those too well known, and who else knows of stolen ones. */
export const passwords = {
  name: 'passwords',
  needs: [],
  settings: passwordSettings,
  tables: ['passwords'],
  routes: [],
} satisfies Feature;
