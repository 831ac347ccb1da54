import { english, type Languages } from './platform/words/index.ts';

/** The languages of pages and mails; the first is used for clients that accept none of them. */
export const languages: Languages = [english];
