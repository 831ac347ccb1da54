import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { VOID_AFTER_RECOVERY } from '../../auth/one-time-tokens/purpose.ts';
import { defineFlashes } from '../../platform/web/flash.ts';
import { defineWords } from '../../platform/words/words.ts';

export const changes = defineCredentialChanges({
  passwordReset: {
    name: 'password reset by a link',
    otherSessions: 'end',
    ownSession: 'ends',
    voids: VOID_AFTER_RECOVERY,
    // Attackers who go on guessing must not lock the owner out: this browser gets attempts of its own (A07).
    knownDevices: 'forget-others-and-remember',
    linkedIdentities: 'remove-unselected',
    notifies: ['password-changed'],
    event: 'password-reset',
  },
  passwordDisabled: {
    name: 'password disabled by wrong attempts',
    otherSessions: 'stay',
    ownSession: 'stays',
    voids: [],
    knownDevices: 'keep',
    linkedIdentities: 'keep',
    notifies: ['password-disabled'],
    event: 'password-disabled',
  },
});

const flashWords = defineWords({
  resetRequested:
    'If there is an account with that name and a mail address, a mail is on its way to it. Its link works for 30 minutes.',
  passwordReset: 'Your new password is set, and you have been signed out everywhere. Please sign in with it.',
});

export const flashes = defineFlashes(flashWords, {
  resetRequested: 'notice',
  passwordReset: 'success',
});
