import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { VOID_AFTER_RECOVERY } from '../../auth/one-time-tokens/purpose.ts';
import { defineFlashes } from '../../platform/web/flash.ts';
import { defineWords } from '../../platform/words/words.ts';

export const changes = defineCredentialChanges({
  signInReported: {
    name: 'unrecognised sign-in reported',
    otherSessions: 'end',
    ownSession: 'ends',
    voids: VOID_AFTER_RECOVERY,
    knownDevices: 'forget-all',
    linkedIdentities: 'remove-all',
    notifies: ['reset-password'],
    event: 'sign-in-disowned',
  },
});

const flashWords = defineWords({
  signInDisowned:
    'You are signed out everywhere, and your password no longer works. We have sent you a mail with which you can choose a new one.',
});

export const flashes = defineFlashes(flashWords, {
  signInDisowned: 'notice',
});
