import { optionalSetting, setting, strongSecrets, wholeNumber } from '../../platform/settings/index.ts';
import { breachSettings } from './breaches/breach-settings.ts';
import { hashParameters } from './hashing/parameters.ts';

export const passwordSettings = {
  passwordMinLength: setting({
    name: 'PASSWORD_MIN_LENGTH',
    meaning:
      'Minimum length of passwords in code points (8–64). NIST SP 800-63B-4 requires 15 if the password is the only factor; less is reported as a warning unless `MFA=required`.',
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
    neverEmptyInProduction: true,
    meaning:
      'A secret of at least 32 bytes that goes into every password hash and is not in the database; `new,old` rotates. If it is lost, no password can be verified.',
    fallbackMeaning: 'none: hashes are salted only',
    secret: true,
    schema: strongSecrets,
  }),
  ...breachSettings,
};
