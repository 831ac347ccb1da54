import { defineWords } from '../../platform/words/index.ts';

/** Shown where the page behind a mailed link is opened without the link. */
export const linkWords = defineWords({
  title: 'Open the link in your email again',
  text: 'This page belongs to a link from an email that was not opened in this browser, or was opened too long ago. Open the link in your email again, in this browser.',
});

/** The field for the code of a mail. */
export const codeFieldWords = defineWords({
  label: 'Code from the mail',
  hint: 'Eight digits.',
  missing: 'Enter the code from the mail.',
  refused: 'That code is not right, or it has run out.',
  notArrived:
    'Nothing has arrived? Look into the folder for spam, too. Only a few such mails a day go to one mailbox.',
});
