import { paths } from '../../auth/paths.ts';
import type { Provider } from './providers/provider.ts';

/** Where a button starts a sign-in. */
export function startPath({ name }: Provider): `/${string}` {
  return `/oauth/${name}`;
}

/** The redirect URI, to which the provider sends its response. */
export function callbackPath(provider: Provider): `/${string}` {
  return `${startPath(provider)}/callback`;
}

/** Where the provider sends logout tokens. */
export function backChannelPath(provider: Provider): `/${string}` {
  return `${startPath(provider)}/backchannel-logout`;
}

/** Where a button starts fresh authentication. */
export function confirmPath({ name }: Provider): `/${string}` {
  return `${paths.confirm}/${name}`;
}
