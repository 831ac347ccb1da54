import type { Family } from '../command.ts';
import { listMail } from './list.ts';
import { retry } from './retry.ts';
import { testMail } from './test-mail.ts';

export const mail: Family = {
  name: 'mail',
  summary: 'List mail that waits or was given up, have it sent again, or send a test.',
  members: [listMail, retry, testMail],
};
