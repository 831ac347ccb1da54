import { duration, setting } from '../../platform/settings/index.ts';

export const rememberSettings = {
  mfaRemember: setting({
    name: 'MFA_REMEMBER',
    meaning:
      'How long users can have a browser not ask for the second factor again, such as `30d`; `0s` does not offer it. Sensitive actions ask for it nevertheless.',
    fallback: '0s',
    schema: duration({ minimum: '0s', maximum: '90d' }),
  }),
};
