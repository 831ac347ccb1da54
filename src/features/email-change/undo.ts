import { z } from 'zod';
import { defineAction, definePage } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { EmailAddress } from '../../platform/text/index.ts';
import { beginRecovery } from '../password-reset/index.ts';
import { type Passwords, passwordsService } from '../passwords/index.ts';
import { defineMailedLink, LINK_INVALID, type Opened } from '../requested-mail/index.ts';
import { giveUpElsewhere, storedAddress } from './change-token.ts';
import { changes, flashes, tokens } from './definitions.ts';
import { undoView } from './pages.ts';
import { emailChangeWords } from './words.ts';

type Undo = { readonly accountId: AccountId; readonly username: string; readonly to: EmailAddress };

const undoLink = defineMailedLink({
  purpose: tokens['email-change-undo'],
  find:
    ({ accounts }) =>
    async ({ accountId, data }) => {
      const account = accountId === null ? null : await accounts.read(accountId);
      if (account === null) return 'link-gone';
      return {
        about: { accountId: account.id, username: account.username, to: storedAddress(data.address) },
      };
    },
  invalid: (words) => {
    const { invalid, undo } = words(emailChangeWords);
    return {
      title: invalid.title,
      text: undo.invalid,
      link: { path: paths.forgotPassword, label: undo.reset },
    };
  },
});

export const undoPage = definePage({
  path: '/undo-email-change',
  access: 'public',
  needs: { link: undoLink },
  load: (_core, { link }) =>
    link.page((_context, { about: { username, to } }) => ({ username, address: to.address })),
  view: undoView,
});

/**
 * The account gets back the address to which the link was sent, whatever its address is by now, and the recovery
 * begins: the attacker who changed it knows the password.
 */
export const undoAddressChange = defineAction({
  path: '/undo-email-change',
  access: 'public',
  needs: { link: undoLink, passwords: passwordsService },
  input: z.object({}),
  reasons: undoLink.reasons,
  run: (core, { link, passwords }) =>
    link.action(async ({ context }, opened) => {
      const undone = await undo(core, passwords, context, opened);
      return undone.ok
        ? { ok: true, next: paths.login, flashes: [flashes.addressChangeUndone] }
        : LINK_INVALID;
    }),
});

function undo(core: Core, passwords: Passwords, context: RequestContext, { token, about }: Opened<Undo>) {
  const { accounts } = core;
  const { accountId, to } = about;
  return core.changeCredential(context, changes.addressChangeUndone, {
    accountId,
    token: { purpose: tokens['email-change-undo'], token },
    apply: async (transaction, occasion) => {
      await giveUpElsewhere(core, transaction, to, accountId);
      if (!(await accounts.changeEmail(transaction, { accountId, to }, occasion.at))) return false;
      const account = await accounts.read(accountId, transaction);
      if (account === null) return false;
      await beginRecovery(core, passwords, transaction, { ...account, email: to.address }, occasion);
      return true;
    },
    event: { accountId },
  });
}
