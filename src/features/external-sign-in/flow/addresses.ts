import { paths } from '../../../auth/paths.ts';
import type { Provider } from '../providers/provider.ts';

const PROVIDERS = '/oauth';

/** Where people press a button to go to a provider. */
export function startPath({ name }: Provider): `/${string}` {
  return `${PROVIDERS}/${name}`;
}

/** Where the provider sends them back to. */
export function callbackPath(provider: Provider): `/${string}` {
  return `${startPath(provider)}/callback`;
}

/** Where the provider itself says that somebody has signed out there. */
export function backChannelPath(provider: Provider): `/${string}` {
  return `${startPath(provider)}/backchannel-logout`;
}

/** Where people who are signed in press a button to prove there who they are. */
export function confirmPath({ name }: Provider): `/${string}` {
  return `${paths.confirm}/${name}`;
}
