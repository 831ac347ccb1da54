import { setting } from '../../../../platform/settings/setting.ts';
import {
  clientIdSetting,
  clientSecretSetting,
  newAccountsSetting,
  providerUrl,
  scopesSetting,
  tokensSetting,
} from '../client-settings.ts';
import type { Provider } from '../provider.ts';

export const gitlabSettings = {
  gitlabClientId: clientIdSetting('GITLAB', 'GitLab'),
  gitlabClientSecret: clientSecretSetting('GITLAB', 'GitLab'),
  gitlabScopes: scopesSetting('GITLAB', 'GitLab'),
  gitlabTokens: tokensSetting('GITLAB', 'GitLab'),
  gitlabNewAccounts: newAccountsSetting('GITLAB', 'GitLab'),
  gitlabUrl: setting({
    name: 'GITLAB_URL',
    meaning: 'URL of GitLab or of your own GitLab server.',
    fallback: 'https://gitlab.com',
    schema: providerUrl,
  }),
};

/** @see https://docs.gitlab.com/integration/openid_connect_provider/ */
export function gitlab(client: Provider['client'], issuer: URL): Provider {
  return {
    name: 'gitlab',
    label: 'GitLab',
    client,
    scopes: ['openid', 'email', 'profile'],
    protocol: { kind: 'openid-connect', issuer },
    // gitlab.com has every address confirmed by mail. On a GitLab of one's own an administrator may leave that out.
    isAddressTrusted: () => issuer.hostname === 'gitlab.com',
    provesAnew: true,
    isInside: false,
  };
}
