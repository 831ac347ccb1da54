import { z } from 'zod';

/** The data of an event about an account. */
export const aboutAccount = z.object({ accountId: z.string() });

/** The data of an event about a session of an account. */
export const aboutSession = aboutAccount.extend({ sessionId: z.string() });
