import { z } from 'zod';
import { defineAction, definePage } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { beginRecovery } from '../password-reset/index.ts';
import { type Passwords, passwordsService } from '../passwords/index.ts';
import { defineMailedLink, LINK_INVALID, type Opened } from '../requested-mail/index.ts';
import { changes, flashes, tokens } from './definitions.ts';
import { reportView } from './pages.ts';
import { newDeviceWords } from './words.ts';

type Report = { readonly accountId: AccountId; readonly username: string; readonly address: string };

const reportLink = defineMailedLink({
  purpose: tokens['unrecognised-sign-in'],
  find:
    ({ accounts }) =>
    async ({ accountId, data: { address } }) => {
      const account = accountId === null ? null : await accounts.read(accountId);
      if (account === null) return 'link-gone';
      const about: Report = { accountId: account.id, username: account.username, address };
      return { about };
    },
  invalid: (words) => {
    const { title, text, reset } = words(newDeviceWords).invalid;
    return { title, text, link: { path: paths.forgotPassword, label: reset } };
  },
});

export const reportPage = definePage({
  path: '/not-me',
  access: 'public',
  needs: { link: reportLink },
  load: (_core, { link }) => link.page((_context, { about: { username } }) => ({ username })),
  view: reportView,
});

/**
 * Every session ends, the password is disabled, and a reset begins. The owner of the mailbox does it, and gains nothing
 * that the reset does not give.
 */
export const reportSignIn = defineAction({
  path: '/not-me',
  access: 'public',
  needs: { link: reportLink, passwords: passwordsService },
  input: z.object({}),
  reasons: reportLink.reasons,
  run: (core, { link, passwords }) =>
    link.action(async ({ context }, opened) => {
      const reported = await report(core, passwords, context, opened);
      return reported.ok ? { ok: true, next: paths.login, flashes: [flashes.signInReported] } : LINK_INVALID;
    }),
});

function report(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  { token, about: { accountId, address } }: Opened<Report>,
) {
  return core.changeCredential(context, changes.signInReported, {
    accountId,
    token: { purpose: tokens['unrecognised-sign-in'], token },
    apply: async (transaction, occasion) => {
      const account = await core.accounts.read(accountId, transaction);
      if (account === null || account.email !== address) return false;
      await beginRecovery(core, passwords, transaction, { ...account, email: address }, occasion);
      return true;
    },
    event: { accountId },
  });
}
