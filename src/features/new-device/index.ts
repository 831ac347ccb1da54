import { defineFeature } from '../../auth/feature.ts';
import { bounds, changes, emails, events, flashes, limits, tokens } from './definitions.ts';
import { notifyOfNewDevice } from './notice.ts';
import { reportPage, reportSignIn } from './report.ts';
import * as words from './words.ts';

/** Notifies users by mail of sign-ins from new devices, and lets them report an unrecognised sign-in. */
export const newDevice = defineFeature({
  name: 'new-device',
  words,
  bounds,
  events,
  flashes,
  limits,
  emails,
  tokens,
  changes,
  pages: [reportPage],
  actions: [reportSignIn],
  compose: (core) => ({ afterSignIn: [notifyOfNewDevice(core)] }),
});
