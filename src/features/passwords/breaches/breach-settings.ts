import { z } from 'zod';
import { givenAs, oneOf, refuse, setting } from '../../../platform/settings/index.ts';
import { isLoopbackHost } from '../../../platform/web/index.ts';

export const breachSettings = {
  breachedPasswords: setting({
    name: 'BREACHED_PASSWORDS',
    meaning:
      'What passwords are compared with: the shipped `list` of common and breached passwords, or with `hibp` also Have I Been Pwned. Five characters of a hash leave the machine.',
    fallback: 'list',
    schema: oneOf(['list', 'hibp']),
  }),
  hibpUrl: setting({
    name: 'HIBP_URL',
    meaning: 'URL of the range API that `BREACHED_PASSWORDS=hibp` uses, such as that of a mirror.',
    fallback: 'https://api.pwnedpasswords.com',
    schema: givenAs(
      'url',
      z.string().transform((text, context) => {
        const url = URL.parse(text.trim());
        if (url !== null && isUsable(url)) return url;
        const wanted = 'give https://host, without credentials or a query';
        return refuse(context, `is not the address of a range API; ${wanted}`);
      }),
    ),
  }),
};

// An attacker in between could read or forge the answers, and so learn or decide which passwords are accepted.
function isUsable({ protocol, hostname, username, password, search, hash }: URL): boolean {
  const isPrivate = protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
  return isPrivate && [username, password, search, hash].every((part) => part === '');
}
