import { z } from 'zod';
import { setting } from '../../../../platform/settings/setting.ts';
import {
  clientIdSetting,
  clientSecretSetting,
  newAccountsSetting,
  scopesSetting,
  tokensSetting,
} from '../client-settings.ts';
import type { Provider } from '../provider.ts';

/** The id of a tenant, or all of one kind. A domain is none: Microsoft’s tokens name the id. */
const TENANT = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|organizations|consumers|common)$/;

export const microsoftSettings = {
  microsoftClientId: clientIdSetting('MICROSOFT', 'Microsoft'),
  microsoftClientSecret: clientSecretSetting('MICROSOFT', 'Microsoft'),
  microsoftScopes: scopesSetting('MICROSOFT', 'Microsoft'),
  microsoftTokens: tokensSetting('MICROSOFT', 'Microsoft'),
  microsoftNewAccounts: newAccountsSetting('MICROSOFT', 'Microsoft'),
  microsoftTenant: setting({
    name: 'MICROSOFT_TENANT',
    meaning:
      'Which Microsoft accounts may sign in: the id of one tenant, `organizations`, `consumers`, or `common` for all.',
    fallback: 'common',
    neverEmpty: 'MICROSOFT_CLIENT_ID',
    schema: z.string().trim().toLowerCase().regex(TENANT, {
      message:
        'is no tenant; give its id (not its domain), such as 8eaef023-2b34-4da1-9baa-8bc8c9d6a490, or organizations, consumers or common',
    }),
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
