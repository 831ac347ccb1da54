import { defineFeature } from '../../auth/feature.ts';
import { changes, emails, events, flashes, limits, tokens } from './definitions.ts';
import { tellOfNewDevice } from './notice.ts';
import { reportPage, reportSignIn } from './report.ts';

/** Tells people by mail when somebody signs in from where they never did, and takes it back when it was not they. */
export const newDevice = defineFeature({
  name: 'new-device',
  events,
  flashes,
  limits,
  settings: {},
  tables: [],
  emails,
  tokens,
  changes,
  pages: [reportPage],
  actions: [reportSignIn],
  compose: (core) => ({ afterSignIn: [tellOfNewDevice(core)], routes: [] }),
});
