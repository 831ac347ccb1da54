import { defineWords } from '../../platform/words/index.ts';

/** Shown where the page behind a mailed link is opened without the link. */
export const linkWords = defineWords({
  title: 'Open the link in your email again',
  text: 'This page belongs to a link from an email that was not opened in this browser, or was opened too long ago. Open the link in your email again, in this browser.',
});
