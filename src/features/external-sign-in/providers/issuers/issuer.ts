import type { Claims } from '../claims.ts';
import type { Provider } from '../provider.ts';
import type { IssuerSettings } from './issuer-settings.ts';

/** Any OpenID Connect provider, by its issuer. */
export function issuerProvider(settings: IssuerSettings): Provider | null {
  const { name, issuer, clientId, clientSecret, label, trustEmail, allowedGroups, network } = settings;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return null;
  const path = name.toLowerCase().replaceAll('_', '-');
  return {
    name: path,
    label: label ?? path,
    client: { id: clientId, secret: clientSecret },
    scopes: ['openid', 'email', 'profile'],
    protocol: { kind: 'openid-connect', issuer },
    // Only whoever runs this site can know who may have which address there.
    isAddressTrusted: () => trustEmail === 'on',
    ...(allowedGroups !== undefined && {
      isAdmitted: ({ groups }: Claims) => groups.some((group) => allowedGroups.includes(group)),
    }),
    provesAnew: true,
    isInside: network === 'inside',
  };
}
