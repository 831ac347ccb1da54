import { z } from 'zod';
import { accountIds, sessionIds } from './identifiers/ids.ts';

/** The data of an event about an account. */
export const aboutAccount = z.object({ accountId: accountIds.schema });

/** The data of an event about a session of an account. */
export const aboutSession = aboutAccount.extend({ sessionId: sessionIds.schema });
