import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { VOID_AFTER_RECOVERY } from '../../auth/one-time-tokens/purpose.ts';
import { defineFlashes } from '../../platform/web/flash.ts';
import { defineWords } from '../../platform/words/words.ts';

export const changes = defineCredentialChanges({
  addressChanged: {
    name: 'address changed',
    otherSessions: 'end',
    ownSession: 'new token',
    voids: VOID_AFTER_RECOVERY,
    knownDevices: 'forget-others',
    linkedIdentities: 'keep',
    notifies: ['address-change-notice', 'address-changed'],
    event: 'address-changed',
  },
  addressChangeUndone: {
    name: 'change of address undone',
    otherSessions: 'end',
    ownSession: 'ends',
    voids: VOID_AFTER_RECOVERY,
    // An attacker who changed the address more than once has undo links, too: those of later changes.
    voidsLater: 'email-change-undo',
    knownDevices: 'forget-all',
    linkedIdentities: 'remove-all',
    notifies: ['reset-password'],
    event: 'address-change-undone',
  },
});

const flashWords = defineWords({
  addressChangeSent: 'We have sent a mail to that address. Open its link in this browser to go on.',
  addressChanged: 'Your email address was changed. Everywhere else you have been signed out.',
  addressChangeUndone:
    'Your old address is back. You are signed out everywhere, and we have sent you a mail with which you can choose a new password.',
});

export const flashes = defineFlashes(flashWords, {
  addressChangeSent: 'notice',
  addressChanged: 'success',
  addressChangeUndone: 'success',
});
