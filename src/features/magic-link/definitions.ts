import { defineEmails, link, moment, recipientName, text } from '../../platform/mail/index.ts';
import { emailWords } from './words.ts';

export const emails = defineEmails(emailWords, {
  magicLink: {
    name: 'magic-link',
    data: { username: recipientName, page: link, code: text, expires: moment },
    content: ({ magicLink: words }, { siteName, page, code, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      action: { label: words.action, address: page },
      code: { before: words.code, code },
      expires,
      advice: [words.advice],
    }),
  },
});
