import { z } from 'zod';
import { optionalSetting, setting } from '../../../platform/settings/setting.ts';
import { line, oneOf } from '../../../platform/settings/values.ts';
import { isLoopbackHost } from '../../../platform/web/own-host.ts';

/** The setting with the public name of this site at a provider. */
export function clientIdSetting(name: string, label: string) {
  return optionalSetting({
    name: `${name}_CLIENT_ID`,
    meaning: `Client ID at ${label}. The sign-in button appears when the client ID and the secret are set.`,
    schema: line(255),
  });
}

/** The setting with the secret that goes with it. */
export function clientSecretSetting(name: string, label: string) {
  return optionalSetting({
    name: `${name}_CLIENT_SECRET`,
    meaning: `Client secret at ${label}.`,
    secret: true,
    schema: line(1_000),
  });
}

/** The setting with what else a provider is asked for, for the application’s own calls. */
export function scopesSetting(name: string, label: string) {
  return optionalSetting({
    name: `${name}_SCOPES`,
    meaning: `Additional scopes to request from ${label} for the application’s own calls, separated by spaces.`,
    schema: scopeList,
  });
}

/** The setting that says whether the tokens of a provider are kept. */
export function tokensSetting(name: string, label: string) {
  return setting({
    name: `${name}_TOKENS`,
    meaning: `Whether the tokens of ${label} are kept, sealed, for the application’s own calls: \`drop\` or \`keep\`.`,
    fallback: 'drop',
    schema: oneOf(['drop', 'keep']),
  });
}

/** The setting that says what becomes of somebody new. */
export function newAccountsSetting(name: string, label: string) {
  return setting({
    name: `${name}_NEW_ACCOUNTS`,
    meaning: `What happens to a new user from ${label}: \`ask\` for a username, create an account with an \`automatic\` one, or admit \`none\`.`,
    fallback: 'ask',
    neverEmpty: `${name}_CLIENT_ID`,
    schema: oneOf(['ask', 'automatic', 'none']),
  });
}

const scopeList: z.ZodType<readonly string[], string> = z.string().transform((text, context) => {
  const scopes = text.trim().split(/\s+/);
  // RFC 6749 §3.3
  if (scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(scope))) return scopes;
  context.addIssue({ code: 'custom', message: 'is no list of scopes; give them separated by spaces' });
  return z.NEVER;
});

/** Where a provider is: nobody on the way may read or forge what it says, so http: is for this machine alone. */
export const providerUrl: z.ZodType<URL, string> = z.string().transform((text, context) => {
  const url = URL.parse(text.trim());
  const isFitting =
    url !== null &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))) &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '' &&
    url.href.length <= 200;
  if (isFitting) return url;
  context.addIssue({
    code: 'custom',
    message:
      'is no address of a provider; give an https: URL without a query, such as https://id.example.org',
  });
  return z.NEVER;
});
