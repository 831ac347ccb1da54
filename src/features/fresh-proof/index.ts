import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { requestCode, submitCode } from './by-mail.ts';
import { showConfirm, submitConfirm } from './confirm.ts';
import { emails, events, flashes } from './definitions.ts';
import { identityCodePurpose } from './mailed-code.ts';

export { acceptProof } from './confirm.ts';

/** Asks somebody who is signed in to prove again who they are, before something sensitive. */
export const freshProof = defineFeature({
  name: 'fresh-proof',
  events,
  flashes,
  settings: {},
  tables: [],
  emails,
  tokens: [identityCodePurpose],
  needs: { passwords: passwordsService },
  compose: (core, parts) => {
    const own = { access: 'signed-in', limit: 'none' } as const;
    const page = '/account/confirm';
    return {
      routes: [
        { method: 'GET', path: '/account/confirm', ...own, handle: showConfirm(core, parts) },
        {
          method: 'POST',
          path: '/account/confirm',
          access: 'signed-in',
          limit: 'hashing',
          handle: submitConfirm(core, parts),
        },
        { method: 'POST', path: '/account/confirm-by-mail', page, ...own, handle: requestCode(core, parts) },
        {
          method: 'POST',
          path: '/account/confirm-by-mail/code',
          page,
          ...own,
          handle: submitCode(core, parts),
        },
      ],
    };
  },
});
