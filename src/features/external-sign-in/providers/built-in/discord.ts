import { z } from 'zod';
import { defineProvider } from '../define-provider.ts';
import type { Ask } from '../provider.ts';

const userSchema = z.object({
  id: z.string(),
  username: z.string(),
  global_name: z.string().nullish(),
  email: z.string().nullish(),
  verified: z.boolean().nullish(),
});

/** @see https://discord.com/developers/docs/topics/oauth2 */
export const discord = defineProvider({
  name: 'discord',
  label: 'Discord',
  settings: {},
  describe: () => ({
    scopes: ['identify', 'email'],
    protocol: {
      kind: 'oauth',
      issuer: new URL('https://discord.com'),
      authorizationEndpoint: new URL('https://discord.com/oauth2/authorize'),
      tokenEndpoint: new URL('https://discord.com/api/oauth2/token'),
      readClaims,
    },
    // Discord documents neither how it verifies an address nor whether it does so again.
    isAddressTrusted: () => false,
  }),
});

async function readClaims(ask: Ask) {
  const user = userSchema.parse(await ask(new URL('https://discord.com/api/users/@me')));
  return {
    sub: user.id,
    name: user.global_name ?? undefined,
    preferred_username: user.username,
    email: user.email ?? undefined,
    email_verified: user.verified ?? undefined,
  };
}
