import type { Core } from '../../../auth/core.ts';
import type { NewNotice } from '../../../auth/mail/notices.ts';
import { paths } from '../../../auth/paths.ts';
import { deviceOf, type SignedInContext } from '../../../platform/web/context.ts';

/** Tells the owner of an account that a way in was added or removed. */
export function connectionNotice(
  { notices, clock }: Core,
  context: SignedInContext,
  change: 'added' | 'removed',
  label: string,
): NewNotice {
  return {
    accountId: context.signedIn.user.id,
    occasion: notices.occasionOf(deviceOf(context), clock()),
    write: ({ username, occasion }) => {
      const what = { change, credential: 'connection', label } as const;
      return { name: 'credential-changed', username, page: paths.forgotPassword, occasion, ...what };
    },
  };
}
