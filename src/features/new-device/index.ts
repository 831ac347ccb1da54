import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { showDisowning, submitDisowning } from './disowning.ts';
import { disowningPurpose, tellOfNewDevice } from './notice.ts';

/** Tells people by mail when somebody signs in from where they never did, and takes it back when it was not they. */
export const newDevice = defineFeature({
  name: 'new-device',
  settings: {},
  tables: [],
  tokens: [disowningPurpose],
  needs: { passwords: passwordsService },
  compose: (core, { passwords }) => {
    const open = { access: 'public', limit: 'none' } as const;
    return {
      signInWitnesses: [tellOfNewDevice(core)],
      routes: [
        { method: 'GET', path: '/not-me', ...open, handle: showDisowning(core) },
        { method: 'POST', path: '/not-me', ...open, handle: submitDisowning(core, passwords) },
      ],
    };
  },
});
