import { z } from 'zod';
import { setting } from '../../../../platform/settings/index.ts';
import { defineProvider } from '../define-provider.ts';
import { writtenDomain } from '../domains.ts';

/** The id of a tenant, one of the words for several tenants, or a domain of a tenant. */
const TENANT =
  /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|organizations|consumers|common|(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]+)$/;

/** @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc */
export const microsoft = defineProvider({
  name: 'microsoft',
  label: 'Microsoft',
  settings: {
    tenant: setting({
      name: 'MICROSOFT_TENANT',
      meaning:
        'Which Microsoft accounts may sign in: the id or a domain of one tenant, `organizations`, `consumers`, or `common` for all.',
      fallback: 'common',
      neverEmpty: 'MICROSOFT_CLIENT_ID',
      schema: z
        .string()
        .trim()
        .toLowerCase()
        .transform((name) => writtenDomain(name) || name)
        .pipe(
          z.string().regex(TENANT, {
            message:
              'is no tenant; give its id, such as 8eaef023-2b34-4da1-9baa-8bc8c9d6a490, its domain, such as contoso.onmicrosoft.com, or organizations, consumers or common',
          }),
        ),
    }),
  },
  offlineAccess: { scopes: ['offline_access'] },
  describe: ({ tenant }) => ({
    scopes: ['openid', 'email', 'profile'],
    protocol: {
      kind: 'openid-connect',
      issuer: new URL(`https://login.microsoftonline.com/${tenant}/v2.0`),
    },
    // The administrator of a tenant gives its accounts any address (nOAuth, CVE-2024-21632).
    isAddressTrusted: () => false,
    // https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions
    refusesRedirect: ({ protocol, hostname }) =>
      protocol === 'http:' && hostname !== 'localhost'
        ? 'Microsoft takes http: for the name localhost only'
        : null,
  }),
});
