import { z } from 'zod';
import {
  clientIdSetting,
  clientSecretSetting,
  newAccountsSetting,
  scopesSetting,
  tokensSetting,
} from '../client-settings.ts';
import type { Ask, Provider } from '../provider.ts';

export const discordSettings = {
  discordClientId: clientIdSetting('DISCORD', 'Discord'),
  discordClientSecret: clientSecretSetting('DISCORD', 'Discord'),
  discordScopes: scopesSetting('DISCORD', 'Discord'),
  discordTokens: tokensSetting('DISCORD', 'Discord'),
  discordNewAccounts: newAccountsSetting('DISCORD', 'Discord'),
};

const userSchema = z.object({
  id: z.string(),
  username: z.string(),
  global_name: z.string().nullish(),
  email: z.string().nullish(),
  verified: z.boolean().nullish(),
});

/** @see https://discord.com/developers/docs/topics/oauth2 */
export function discord(client: Provider['client']): Provider {
  return {
    name: 'discord',
    label: 'Discord',
    client,
    scopes: ['identify', 'email'],
    protocol: {
      kind: 'oauth',
      issuer: new URL('https://discord.com'),
      authorizationEndpoint: new URL('https://discord.com/oauth2/authorize'),
      tokenEndpoint: new URL('https://discord.com/api/oauth2/token'),
      readClaims,
    },
    // Discord does not say how it found out, nor whether it looks again.
    isAddressTrusted: () => false,
    provesAnew: false,
    isInside: false,
  };
}

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
