import { setting } from '../../../../platform/settings/index.ts';
import { defineProvider, providerUrl } from '../define-provider.ts';

/** @see https://docs.gitlab.com/integration/openid_connect_provider/ */
export const gitlab = defineProvider({
  name: 'gitlab',
  label: 'GitLab',
  settings: {
    url: setting({
      name: 'GITLAB_URL',
      meaning: 'URL of GitLab or of your own GitLab server.',
      fallback: 'https://gitlab.com',
      schema: providerUrl,
    }),
  },
  describe: ({ url: issuer }) => ({
    scopes: ['openid', 'email', 'profile'],
    protocol: { kind: 'openid-connect', issuer },
    // gitlab.com confirms every address by mail. An administrator can turn that off on another server.
    isAddressTrusted: () => issuer.hostname === 'gitlab.com',
    canReauthenticate: true,
  }),
});
