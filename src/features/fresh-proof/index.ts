import type { Core } from '../../core/core.ts';
import type { Feature } from '../../core/feature.ts';
import { type ProofParts, showConfirm, submitConfirm } from './confirm.ts';

export { acceptProof } from './confirm.ts';

/** Asks somebody who is signed in to prove again who they are, before something sensitive. */
export function freshProof(core: Core, parts: ProofParts): Feature {
  return {
    name: 'fresh-proof',
    needs: ['passwords'],
    settings: {},
    tables: [],
    routes: [
      {
        method: 'GET',
        path: '/account/confirm',
        access: 'signed-in',
        limit: 'none',
        handle: showConfirm(core, parts),
      },
      {
        method: 'POST',
        path: '/account/confirm',
        access: 'signed-in',
        limit: 'hashing',
        handle: submitConfirm(core, parts),
      },
    ],
  };
}
