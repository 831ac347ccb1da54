import type { SettingFaults } from '../../../auth/feature.ts';
import { duration, oneOf, optionalSetting, setting } from '../../../platform/settings/index.ts';
import { roleList, rolesSettings } from '../../roles/index.ts';

export const policySettings = {
  mfa: setting({
    name: 'MFA',
    meaning:
      'Whether accounts need a second factor: `optional`, `required` for all, or `required-for-roles` for those with a role of `MFA_ROLES`. An account without one sets it up at the sign-in that follows its grace period.',
    fallback: 'optional',
    neverEmpty: true,
    schema: oneOf(['optional', 'required', 'required-for-roles']),
  }),
  mfaRoles: optionalSetting({
    name: 'MFA_ROLES',
    meaning:
      'The roles whose users need a second factor with `MFA=required-for-roles`, separated by commas, such as `admin,editor`: roles of accounts and those that identity providers assert.',
    fallbackMeaning: 'none',
    neverEmpty: true,
    schema: roleList,
  }),
  mfaGrace: setting({
    name: 'MFA_GRACE',
    meaning:
      'How long an account that needs a second factor works without one, from its first use under the policy; `0s` for not at all.',
    fallback: '7d',
    schema: duration({ minimum: '0s', maximum: '90d' }),
  }),
};

/** Roles that would protect no account, because a setting is missing or a name is misspelt. */
export const policyFaults: SettingFaults = (settingsOf) => {
  const { mfa, mfaRoles } = settingsOf(policySettings);
  const { roles: defined } = settingsOf(rolesSettings);
  const fault = (message: string) => [{ name: 'MFA_ROLES', message }];
  if (mfa === 'required-for-roles' && mfaRoles === undefined)
    return fault('is missing; MFA=required-for-roles needs roles such as admin,editor');
  if (mfa !== 'required-for-roles' && mfaRoles !== undefined)
    return fault(`has no effect with MFA=${mfa}; give MFA=required-for-roles, too, or leave it out`);
  const unknown = defined === undefined ? [] : (mfaRoles ?? []).filter((role) => !defined.includes(role));
  return unknown.length === 0 ? [] : fault(`has ${unknown.join(', ')}, which ROLES does not list`);
};
