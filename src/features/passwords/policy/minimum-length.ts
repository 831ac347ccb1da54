import type { Core } from '../../../auth/core.ts';
import type { SettingsOf } from '../../../platform/settings/index.ts';
import { policySettings } from '../../second-factors/index.ts';
import { passwordSettings } from '../settings.ts';

/** NIST SP 800-63B-4 §3.1.1.2: at least this many characters if the password is the only factor, and 8 with a second one. */
const MIN_ALONE = 15;

/**
 * Why the minimum length is too short for the policy of second factors; null where it is not. It is no fault: an operator may
 * have chosen it knowingly, and an update must not stop that site (docs/passwords.md).
 */
export function shortMinimum(settingsOf: SettingsOf): { readonly what: string; readonly fix: string } | null {
  const { passwordMinLength: minimum } = settingsOf(passwordSettings);
  const { mfa } = settingsOf(policySettings);
  if (minimum >= MIN_ALONE || mfa === 'required') return null;
  return {
    what: `PASSWORD_MIN_LENGTH is ${minimum} with MFA=${mfa}, so that such a password can be the only factor of an account`,
    fix: `set MFA=required, or PASSWORD_MIN_LENGTH=${MIN_ALONE} (NIST SP 800-63B-4 §3.1.1.2)`,
  };
}

/** At start, for operators who read the log; the doctor reports the same. */
export function warnOfShortMinimum({ log, settingsOf }: Pick<Core, 'log' | 'settingsOf'>): void {
  const short = shortMinimum(settingsOf);
  if (short !== null) log.warn({ event: 'passwords-too-short', problem: short.what, fix: short.fix });
}
