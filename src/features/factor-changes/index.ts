import { defineFeature } from '../../auth/feature.ts';
import { bounds, changes, emails, events, flashes } from './definitions.ts';
import { undoChange, undoPage } from './undo.ts';
import * as words from './words.ts';

export { changeFactors, notifyAll } from './change.ts';

/** Changes of second factors: every address of the account is notified, with a link that undoes them for three days. */
export const factorChanges = defineFeature({
  name: 'factor-changes',
  words,
  events,
  flashes,
  emails,
  changes,
  bounds,
  pages: [undoPage],
  actions: [undoChange],
});
