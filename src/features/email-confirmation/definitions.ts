import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { defineFlashes } from '../../platform/web/flash.ts';
import { defineWords } from '../../platform/words/words.ts';

export const changes = defineCredentialChanges({
  addressConfirmed: {
    name: 'address confirmed for the first time',
    otherSessions: 'stay',
    ownSession: 'stays',
    voids: ['email-confirmation'],
    knownDevices: 'keep',
    linkedIdentities: 'keep',
    notifies: [],
    event: 'address-confirmed',
  },
});

const flashWords = defineWords({
  addressConfirmed: 'Thank you. Your address is confirmed.',
  confirmationSent: 'We have sent you another mail. Links and codes from before no longer work.',
});

export const flashes = defineFlashes(flashWords, {
  addressConfirmed: 'success',
  confirmationSent: 'success',
});
