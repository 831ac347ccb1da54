import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { changes, emails, flashes, limits } from './definitions.ts';
import { reportPurpose, tellOfNewDevice } from './notice.ts';
import { showReport, submitReport } from './report.ts';

/** Tells people by mail when somebody signs in from where they never did, and takes it back when it was not they. */
export const newDevice = defineFeature({
  name: 'new-device',
  flashes,
  limits,
  settings: {},
  tables: [],
  emails,
  tokens: [reportPurpose],
  changes,
  needs: { passwords: passwordsService },
  compose: (core, { passwords }) => {
    const open = { access: 'public', limit: 'none' } as const;
    return {
      signInWitnesses: [tellOfNewDevice(core)],
      routes: [
        { method: 'GET', path: '/not-me', ...open, handle: showReport(core) },
        { method: 'POST', path: '/not-me', ...open, handle: submitReport(core, passwords) },
      ],
    };
  },
});
