/** The words of the mailbox, which is there in development alone. */
export const mailboxWords = {
  title: 'Mailbox',
  lead: 'The mail that would have been sent if there were an SMTP_URL. This page is there in development alone, for this machine alone, and loads itself anew.',
  empty: 'No mail so far.',
  from: 'From',
  to: 'To',
  written: 'Written',
  kind: 'Kind',
  asHtml: 'As HTML',
  asText: 'As text',
  source: 'Show its source',
  back: 'Back to the mailbox',
};
