import { domainToASCII } from 'node:url';
import { optionalSetting } from '../../../../platform/settings/setting.ts';
import type { Claims } from '../claims.ts';
import {
  clientIdSetting,
  clientSecretSetting,
  newAccountsSetting,
  scopesSetting,
  tokensSetting,
} from '../client-settings.ts';
import { nameList } from '../name-list.ts';
import type { Provider } from '../provider.ts';

export const googleSettings = {
  googleClientId: clientIdSetting('GOOGLE', 'Google'),
  googleClientSecret: clientSecretSetting('GOOGLE', 'Google'),
  googleScopes: scopesSetting('GOOGLE', 'Google'),
  googleTokens: tokensSetting('GOOGLE', 'Google'),
  googleNewAccounts: newAccountsSetting('GOOGLE', 'Google'),
  googleAllowedDomains: optionalSetting({
    name: 'GOOGLE_ALLOWED_DOMAINS',
    meaning: 'Google Workspace domains whose members may sign in, separated by commas.',
    fallbackMeaning: 'all users of the provider',
    neverEmpty: 'GOOGLE_CLIENT_ID',
    schema: nameList
      .transform((names) => names.map(domainToASCII))
      .refine((domains) => domains.every((domain) => /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(domain)), {
        message: 'holds a name that is no domain; give domains such as example.org, separated by commas',
      }),
  }),
};

/** @see https://developers.google.com/identity/protocols/oauth2/web-server#offline */
export const GOOGLE_LASTING = { parameters: { access_type: 'offline', prompt: 'consent' } };

/** @see https://developers.google.com/identity/openid-connect/openid-connect */
export function google(client: Provider['client'], domains: readonly string[] | undefined): Provider {
  return {
    name: 'google',
    label: 'Google',
    client,
    scopes: ['openid', 'email', 'profile'],
    protocol: { kind: 'openid-connect', issuer: new URL('https://accounts.google.com') },
    // Google vouches for the addresses that it runs itself. Of others it knows only that they were the person's once.
    isAddressTrusted: ({ email, hd }) =>
      email?.toLowerCase().endsWith('@gmail.com') === true || hd !== undefined,
    // The claim, which Google signs, and not the domain of the address, which anybody may have had.
    ...(domains !== undefined && {
      isAdmitted: ({ hd }: Claims) => hd !== undefined && domains.includes(domainToASCII(hd)),
      admittedBy: 'hd',
    }),
    provesAnew: false,
    isInside: false,
  };
}
