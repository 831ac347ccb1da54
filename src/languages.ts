import * as auth from './auth/words.ts';
import * as auditLog from './platform/audit-log/words.ts';
import * as mail from './platform/mail/words.ts';
import * as rateLimit from './platform/rate-limit/words.ts';
import * as web from './platform/web/words.ts';
import { english, type Languages, type WordsFile } from './platform/words/index.ts';
import * as locale from './platform/words/words.ts';

/** The words of auth and the platform; each feature declares its own. */
export const wordsOfCore: Readonly<Record<string, WordsFile>> = {
  auth,
  'platform/audit-log': auditLog,
  'platform/mail': mail,
  'platform/rate-limit': rateLimit,
  'platform/web': web,
  'platform/words': locale,
};

/** The languages of pages and mails; the first is used for clients that accept none of them. */
export const languages: Languages = [english];
