import { z } from 'zod';
import type { Account } from '../../auth/accounts/accounts.ts';
import { defineAction, definePage } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import { withFlow, withNext } from '../../platform/web/index.ts';
import { defineMailedLink, LINK_INVALID, type Opened } from '../requested-mail/index.ts';
import { type Change, changeOf, giveUpElsewhere } from './change-token.ts';
import { changes, emails, flashes, tokens } from './definitions.ts';
import { confirmationView } from './pages.ts';
import { emailChangeWords } from './words.ts';

type Confirmation = { readonly change: Change; readonly username: string };

/** The link of another account's change is answered like one that does not work. */
const changeLink = defineMailedLink({
  purpose: tokens['email-change'],
  find:
    () =>
    (found, { signedIn }) => {
      if (signedIn === null || found.accountId !== signedIn.user.id) return 'link-gone';
      return { about: { change: changeOf(found), username: signedIn.user.username } };
    },
  invalid: (words) => {
    const { title, text, again } = words(emailChangeWords).invalid;
    return { title, text, link: { path: paths.email, label: again } };
  },
});

/** A user without a session has to sign in first. */
export const confirmationPage = definePage({
  path: '/account/email/confirm',
  access: 'public',
  needs: { link: changeLink },
  load: ({ pages, locations }, { link }) =>
    link.page(
      (_context, { about: { change, username } }) => ({ username, address: change.to.address }),
      ({ signedIn, flow }) => {
        if (signedIn !== null) return null;
        const back = locations.of(withFlow('/account/email/confirm', flow));
        return pages.redirect(withNext(paths.login, back));
      },
    ),
  view: confirmationView,
});

/**
 * It needs the link and the session of the account, which a scanner that presses buttons does not have. The address
 * changes, every other session ends, and this one gets a new token (A11).
 */
export const confirmAddressChange = defineAction({
  path: '/account/email/confirm',
  access: 'signed-in',
  needs: { link: changeLink },
  input: z.object({}),
  reasons: changeLink.reasons,
  run: (core, { link }) =>
    link.action(async ({ context }, opened) => {
      const changed = await changeAddress(core, context, opened);
      return changed.ok ? { ok: true, next: paths.account, flashes: [flashes.addressChanged] } : LINK_INVALID;
    }),
});

/** Of several users who want one address, and of several confirmations of one change, the database lets one through (A15, A16). */
function changeAddress(core: Core, context: SignedInContext, { token, about }: Opened<Confirmation>) {
  const { accounts } = core;
  const { accountId, from, to } = about.change;
  return core.changeCredential(context, changes.addressChanged, {
    accountId,
    token: { purpose: tokens['email-change'], token },
    apply: async (transaction, occasion) => {
      const before = await accounts.read(accountId, transaction);
      if (before === null) return false;
      await giveUpElsewhere(core, transaction, to, accountId);
      if (!(await accounts.changeEmail(transaction, { accountId, from, to }, occasion.at))) return false;
      await notifyOldAddress(core, transaction, before, occasion);
      return true;
    },
    notice: ({ username }) => emails.addressChanged.with({ username, page: paths.email }),
    event: { accountId },
  });
}

/** Only an address that was confirmed may take the account back. */
async function notifyOldAddress(
  { mail, oneTimeTokens }: Core,
  transaction: Queries,
  { id: accountId, username, email, emailVerifiedAt }: Account,
  occasion: Occasion,
): Promise<void> {
  if (email === null || emailVerifiedAt === null) return;
  const purpose = tokens['email-change-undo'];
  const about = { purpose, accountId, data: { address: email } };
  const token = await oneTimeTokens.issueLast(transaction, about, occasion.at);
  const notice = emails.addressChangeNotice.with({
    username,
    page: `/undo-email-change?token=${token}`,
    expires: occasion.at + purpose.lifetime,
  });
  await mail.queue(transaction, { to: email, ownerId: accountId, email: notice, occasion });
}
