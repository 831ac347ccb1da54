import { z } from 'zod';
import { isLoopbackHost } from '../../../core/http/own-host.ts';
import { optionalSetting } from '../../../core/settings/setting.ts';
import { line } from '../../../core/settings/values.ts';

/** The setting with the public name of this site at a provider. */
export function clientIdSetting(name: string, label: string) {
  return optionalSetting({
    name: `${name}_CLIENT_ID`,
    meaning: `Signing in with ${label}: the client id that it gave this site. With the secret it makes the button appear.`,
    schema: line(255),
  });
}

/** The setting with the secret that goes with it. */
export function clientSecretSetting(name: string, label: string) {
  return optionalSetting({
    name: `${name}_CLIENT_SECRET`,
    meaning: `The client secret that ${label} gave this site.`,
    secret: true,
    schema: line(1_000),
  });
}

/** Names separated by commas, such as domains or groups; at least one. */
export const nameList: z.ZodType<readonly string[], string> = z.string().transform((text, context) => {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length > 0) return names;
  context.addIssue({ code: 'custom', message: 'names nobody; give names separated by commas' });
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
