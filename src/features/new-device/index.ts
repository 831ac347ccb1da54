import type { Core } from '../../auth/core.ts';
import type { Feature } from '../../auth/feature.ts';
import type { Passwords } from '../passwords/index.ts';
import { showDisowning, submitDisowning } from './disowning.ts';
import { disowningPurpose, tellOfNewDevice } from './notice.ts';

/** Tells people by mail when somebody signs in from where they never did, and takes it back when it was not they. */
export function newDevice(core: Core, passwords: Passwords): Feature {
  const open = { access: 'public', limit: 'none' } as const;
  return {
    name: 'new-device',
    needs: ['password-reset', 'passwords'],
    settings: {},
    tables: [],
    tokens: [disowningPurpose],
    signInWitnesses: [tellOfNewDevice(core)],
    routes: [
      { method: 'GET', path: '/not-me', ...open, handle: showDisowning(core) },
      { method: 'POST', path: '/not-me', ...open, handle: submitDisowning(core, passwords) },
    ],
  };
}
