import { z } from 'zod';
import { text } from '../claims.ts';
import { defineProvider } from '../define-provider.ts';
import type { Ask } from '../provider.ts';

const userSchema = z.object({
  id: z.string(),
  username: text,
  global_name: text,
  email: text,
  verified: z.boolean().catch(false),
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
    name: user.global_name,
    preferred_username: user.username,
    email: user.email,
    email_verified: user.verified,
  };
}
