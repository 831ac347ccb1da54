import type { Claims } from '../claims.ts';
import type { Client, Provider } from '../provider.ts';
import { rolesOf } from '../roles.ts';
import { withRules } from '../rules.ts';
import type { IssuerSettings } from './issuer-settings.ts';

/** Any OpenID Connect provider, by its issuer. */
export function issuerProvider(settings: IssuerSettings): Provider | null {
  const { name, issuer, label, trustEmail, allowedGroups, roles, logout, network } = settings;
  const { scopes, tokens, newAccounts } = settings;
  const client = clientOf(settings);
  if (issuer === undefined || client === null) return null;
  const path = name.toLowerCase().replaceAll('_', '-');
  const provider: Provider = {
    name: path,
    label: label ?? path,
    client,
    scopes: ['openid', 'email', 'profile'],
    protocol: { kind: 'openid-connect', issuer },
    // Only whoever runs this site can know who may have which address there.
    isAddressTrusted: () => trustEmail === 'on',
    ...(allowedGroups !== undefined && {
      isAdmitted: ({ groups }: Claims) => groups.some((group) => allowedGroups.includes(group)),
      admittedBy: 'groups',
    }),
    ...(roles !== undefined && {
      rolesOf: (claims: Claims) => rolesOf(roles, [...claims.groups, ...claims.roles]),
    }),
    signsOutThere: logout === 'both',
    provesAnew: true,
    isInside: network === 'inside',
  };
  return withRules(provider, { scopes, tokens, newAccounts }, LASTING);
}

/** @see OpenID Connect Core 1.0 §11 */
const LASTING = { scopes: ['offline_access'], parameters: { prompt: 'consent' } };

function clientOf({ clientId: id, clientSecret, privateKey, privateKeyId }: IssuerSettings): Client | null {
  if (id === undefined) return null;
  if (privateKey !== undefined) return { id, privateKey: { key: privateKey, keyId: privateKeyId } };
  return clientSecret === undefined ? null : { id, secret: clientSecret };
}
