import { clientIdSetting, clientSecretSetting } from '../client-settings.ts';
import type { Provider } from '../provider.ts';

export const googleSettings = {
  googleClientId: clientIdSetting('GOOGLE', 'Google'),
  googleClientSecret: clientSecretSetting('GOOGLE', 'Google'),
};

/** @see https://developers.google.com/identity/openid-connect/openid-connect */
export function google(client: Provider['client']): Provider {
  return {
    name: 'google',
    label: 'Google',
    client,
    scopes: ['openid', 'email', 'profile'],
    protocol: { kind: 'openid-connect', issuer: new URL('https://accounts.google.com') },
    // Google vouches for the addresses that it runs itself. Of others it knows only that they were the person's once.
    isAddressTrusted: ({ email, hd }) =>
      email?.toLowerCase().endsWith('@gmail.com') === true || hd !== undefined,
    provesAnew: false,
    isInside: false,
  };
}
