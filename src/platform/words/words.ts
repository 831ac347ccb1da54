import { defineWords } from './language.ts';

/** How dates and lists are written: a BCP 47 tag, which can be more specific than that of the language. */
export const localeWords = defineWords({ locale: 'en-GB' });
