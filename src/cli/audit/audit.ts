import type { Family } from '../command.ts';
import { tail } from './tail.ts';
import { verify } from './verify.ts';

export const audit: Family = {
  name: 'audit',
  summary: 'Read the record of security events, and verify that nobody has changed it.',
  members: [tail, verify],
};
