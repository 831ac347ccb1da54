import { defineFeature } from '../../auth/feature.ts';
import { requestCode, submitCode } from './by-mail.ts';
import { confirm, confirmPage } from './confirm.ts';
import { bounds, emails, events, flashes, tokens } from './definitions.ts';
import * as words from './words.ts';

export { acceptProof, renew, sessionReplaced } from './confirm.ts';

/** Asks a user who is signed in to authenticate again before a sensitive action. */
export const freshAuthentication = defineFeature({
  name: 'fresh-authentication',
  words,
  bounds,
  events,
  flashes,
  emails,
  tokens,
  pages: [confirmPage],
  actions: [confirm, requestCode, submitCode],
});
