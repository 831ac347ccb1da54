import type { Core } from '../../core/core.ts';
import { deviceOf, type RequestContext } from '../../core/http/context.ts';
import type { NewNotice } from '../../core/mail/notices.ts';
import { paths } from '../../core/paths.ts';

/** Tells the owner of an account that its password is another one now; for the transaction of the change. */
export function passwordChangedNotice(
  { notices }: Core,
  context: RequestContext,
  accountId: string,
  now: number,
): NewNotice {
  return {
    accountId,
    occasion: notices.occasionOf(deviceOf(context), now),
    write: ({ username, occasion }) => {
      return { name: 'password-changed', username, page: paths.forgotPassword, occasion };
    },
  };
}
