import type { Core } from '../../auth/core.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import type { AfterSignIn, BegunSignIn } from '../../auth/required-steps/sign-in-step.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import { NO_FORM } from '../../platform/web/index.ts';
import { emails, limits, tokens } from './definitions.ts';

/**
 * Notifies the owner of an account of a sign-in from an unknown device, or from a known one in another network. Rate-limited,
 * because a user who signs in by a script without cookies would be flooded.
 */
export function notifyOfNewDevice(core: Core): AfterSignIn {
  return async (context, signIn) => {
    const { accountId, now } = signIn;
    if (await core.devices.isFamiliar(context, accountId, now)) return true;
    // If no notice can be sent, no permit is taken and no transaction begun.
    if (!(await core.notices.canReach(accountId))) return true;
    const counted = [{ limit: limits['new-device-mails'], key: accountId }];
    const occasion = core.notices.occasionOf(clientOf(context), now);
    await core.throttle({ context, counted, form: NO_FORM, subject: accountId }, async () => {
      await write(core, signIn, occasion);
      return { result: null, verdict: 'counted' };
    });
    return true;
  };
}

async function write(
  { database, notices, oneTimeTokens }: Core,
  { accountId, now }: BegunSignIn,
  occasion: Occasion,
): Promise<void> {
  await database.transaction((transaction) =>
    notices.queue(transaction, {
      accountId,
      occasion,
      write: async ({ username, address }) => {
        const purpose = tokens['unrecognised-sign-in'];
        const wanted = { purpose, accountId, data: { address } };
        const token = await oneTimeTokens.issue(transaction, wanted, now);
        return emails.signedInFromNewDevice.with({
          username,
          page: `/not-me?token=${token}`,
          expires: now + purpose.lifetime,
        });
      },
    }),
  );
}
