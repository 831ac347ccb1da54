import { z } from 'zod';
import { aboutAccount } from '../../auth/events.ts';
import { defineEvents } from '../../platform/events/index.ts';
import type { TableBounds } from '../../platform/rate-limit/index.ts';
import { eventWords } from './words.ts';

const roleNames = z.array(z.string()).readonly();

export const events = defineEvents(eventWords, {
  rolesChanged: {
    data: aboutAccount.extend({ added: roleNames, removed: roleNames }),
    outcome: 'success',
    isChange: true,
  },
});

export const tables = {
  account_roles: {
    createdBy: 'the application or the operator: one row for each role of an account',
    perClient: 'none',
    perOwner: 'as many as `ROLES` has',
    deleted: 'when the role is removed, and with the account',
  },
} satisfies Readonly<Record<string, TableBounds>>;
