import * as auth from './auth/words.ts';
import * as composition from './composition/words.ts';
import * as auditLog from './platform/audit-log/words.ts';
import * as mail from './platform/mail/words.ts';
import * as rateLimit from './platform/rate-limit/words.ts';
import * as web from './platform/web/words.ts';
import { english, type Languages, type WordsFile } from './platform/words/index.ts';
import * as locale from './platform/words/words.ts';

/** All words but those of features, which each feature declares. */
export const wordsOfCore: Readonly<Record<string, WordsFile>> = {
  auth,
  composition,
  'platform/audit-log': auditLog,
  'platform/mail': mail,
  'platform/rate-limit': rateLimit,
  'platform/web': web,
  'platform/words': locale,
};

/** The languages of pages and mails; the first is used for clients that accept none of them. */
export const languages: Languages = [english];
