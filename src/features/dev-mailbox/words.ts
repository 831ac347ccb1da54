import { defineWords } from '../../platform/words/index.ts';

/** The words of the mailbox, which exists in development only. */
export const mailboxWords = defineWords({
  title: 'Mailbox',
  lead: 'The mail that would have been sent if there were an SMTP_URL. This page exists in development only, for this machine only, and reloads itself.',
  empty: 'No mail so far.',
  from: 'From',
  to: 'To',
  written: 'Written',
  kind: 'Kind',
  asHtml: 'As HTML',
  asText: 'As text',
  source: 'Show its source',
  back: 'Back to the mailbox',
});
