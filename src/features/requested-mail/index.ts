import { defineFeature } from '../../auth/feature.ts';
import { limits } from './definitions.ts';
import * as words from './words.ts';

export { codeField } from './code-field.ts';
export { aboutRefusedMail } from './definitions.ts';
export { limitRepeatedMail, withinMailboxBudget } from './mailbox-budget.ts';
export { defineMailedLink, LINK_INVALID, type Opened } from './mailed-link.ts';
export { type Found, type ReachableAccount, reachableAccount } from './recipient.ts';
export { DECOY_ADDRESS, type RequestedMail, requestMail } from './request.ts';
export { codeFieldWords } from './words.ts';

/** How mails are limited that users and visitors request. */
export const requestedMail = defineFeature({
  name: 'requested-mail',
  words,
  limits,
});
