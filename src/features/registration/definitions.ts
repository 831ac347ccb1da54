import { defineEmails, link, moment } from '../../platform/mail/index.ts';
import { defineFlashes } from '../../platform/web/flash.ts';
import { defineWords } from '../../platform/words/words.ts';
import { emailWords } from './words.ts';

const flashWords = defineWords({
  registered: 'Registration successful! You can sign in now.',
  registeredUnconfirmed:
    'Registration successful! We have sent you a mail. Please open its link to confirm your address, then sign in. Until then, your username signs you in, and your address does not.',
});

export const flashes = defineFlashes(flashWords, {
  registered: 'success',
  registeredUnconfirmed: 'notice',
});

export const emails = defineEmails(emailWords, {
  invitation: {
    name: 'invitation',
    data: { page: link, expires: moment },
    hasOccasion: false,
    content: ({ invitation: words }, { siteName, page, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      action: { label: words.action, address: page },
      expires,
      advice: [words.advice],
    }),
  },
});
