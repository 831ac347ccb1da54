import { z } from 'zod';
import { setting } from '../../../../core/settings/setting.ts';
import {
  clientIdSetting,
  clientSecretSetting,
  newAccountsSetting,
  scopesSetting,
  tokensSetting,
} from '../client-settings.ts';
import type { Provider } from '../provider.ts';

export const microsoftSettings = {
  microsoftClientId: clientIdSetting('MICROSOFT', 'Microsoft'),
  microsoftClientSecret: clientSecretSetting('MICROSOFT', 'Microsoft'),
  microsoftScopes: scopesSetting('MICROSOFT', 'Microsoft'),
  microsoftTokens: tokensSetting('MICROSOFT', 'Microsoft'),
  microsoftNewAccounts: newAccountsSetting('MICROSOFT', 'Microsoft'),
  microsoftTenant: setting({
    name: 'MICROSOFT_TENANT',
    meaning:
      'Whose accounts at Microsoft may be used: the id of one organisation’s tenant, `organizations`, `consumers`, or `common` for all.',
    fallback: 'common',
    schema: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, { message: 'is no tenant; give its id, or common' }),
  }),
};

/** @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc */
export function microsoft(client: Provider['client'], tenant: string): Provider {
  return {
    name: 'microsoft',
    label: 'Microsoft',
    client,
    scopes: ['openid', 'email', 'profile'],
    protocol: {
      kind: 'openid-connect',
      issuer: new URL(`https://login.microsoftonline.com/${tenant}/v2.0`),
    },
    // Whoever runs a tenant gives its accounts any address they like (nOAuth, CVE-2024-21632).
    isAddressTrusted: () => false,
    provesAnew: false,
    isInside: false,
  };
}
