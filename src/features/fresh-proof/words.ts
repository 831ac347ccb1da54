import { defineWords } from '../../platform/words/words.ts';

export const emailWords = defineWords({
  identityCode: {
    subject: (site: string) => `Your code for ${site}`,
    lead: (site: string) => `A sensitive action in your account at ${site} needs this code.`,
    code: 'Type this code in the browser that you began with:',
    advice:
      'If that was not you, another person may be in your account: keep the code to yourself, sign in, and end every session.',
  },
});
