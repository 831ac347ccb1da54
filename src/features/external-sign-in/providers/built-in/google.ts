import { givenAs, optionalSetting } from '../../../../platform/settings/index.ts';
import { isLoopbackHost, parseIpAddress } from '../../../../platform/web/index.ts';
import type { Claims } from '../claims.ts';
import { defineProvider } from '../define-provider.ts';
import { asciiDomain, writtenDomain } from '../domains.ts';
import { nameList } from '../group-names.ts';

/** Accounts with these addresses have no claim `hd`. */
const CONSUMER_DOMAINS = ['gmail.com', 'googlemail.com'];

/** @see https://developers.google.com/identity/openid-connect/openid-connect */
export const google = defineProvider({
  name: 'google',
  label: 'Google',
  settings: {
    allowedDomains: optionalSetting({
      name: 'GOOGLE_ALLOWED_DOMAINS',
      meaning: 'Google Workspace domains whose members may sign in, separated by commas.',
      fallbackMeaning: 'all users of the provider',
      neverEmpty: 'GOOGLE_CLIENT_ID',
      hasQuotes: true,
      schema: givenAs(
        { list: 'json' },
        nameList
          .transform((names) => names.map(writtenDomain))
          .refine((domains) => domains.every((domain) => /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(domain)), {
            message: 'holds a name that is no domain; give domains such as example.org, separated by commas',
          })
          .refine((domains) => !domains.some((domain) => CONSUMER_DOMAINS.includes(domain)), {
            message:
              'holds the domain of personal accounts, which belong to no organisation and would never be admitted; leave the setting out to admit every Google account',
          }),
      ),
    }),
  },
  /** @see https://developers.google.com/identity/protocols/oauth2/web-server#offline */
  offlineAccess: { parameters: { access_type: 'offline', prompt: 'consent' } },
  describe: ({ allowedDomains: domains }) => ({
    scopes: ['openid', 'email', 'profile'],
    protocol: { kind: 'openid-connect', issuer: new URL('https://accounts.google.com') },
    // Google runs these addresses. Of others it knows only that the user had them once.
    isAddressTrusted: ({ email, hd }) =>
      email?.toLowerCase().endsWith('@gmail.com') === true || hd !== undefined,
    // https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation
    refusesRedirect: ({ hostname }) =>
      !isLoopbackHost(hostname) && parseIpAddress(hostname.replace(/^\[|\]$/g, '')) !== null
        ? 'Google redirects to no IP address, except on this machine'
        : null,
    // The signed claim, and not the domain of the address, which any user may have had.
    ...(domains !== undefined && {
      isAdmitted: ({ hd }: Claims) => hd !== undefined && domains.includes(asciiDomain(hd)),
      admittedBy: 'hd',
    }),
  }),
});
