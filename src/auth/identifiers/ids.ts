import { defineId, type Id } from '../../platform/text/index.ts';

export type AccountId = Id<'account'>;
export const accountIds = defineId<'account'>();

export type SessionId = Id<'session'>;
export const sessionIds = defineId<'session'>();
