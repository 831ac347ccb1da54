import { z } from 'zod';
import { defineAction, definePage } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import { beginRecovery } from '../password-reset/index.ts';
import { type Passwords, passwordsService } from '../passwords/index.ts';
import { defineMailedLink, LINK_INVALID, type Opened } from '../requested-mail/index.ts';
import { planUndo, tokens, type Undoing, undoSince } from '../second-factors/index.ts';
import { notifyAll, UNDO } from './change.ts';
import { changes, emails, flashes } from './definitions.ts';
import { undoView } from './pages.ts';
import { undoWords } from './words.ts';

type Undo = {
  readonly accountId: AccountId;
  readonly username: string;
  readonly address: string;
  readonly since: number;
  readonly plan: Undoing;
  /** Whether the link was sent to the address that the account has now. */
  readonly isCurrent: boolean;
};

const undoLink = defineMailedLink({
  purpose: tokens['second-factor-undo'],
  find:
    (core) =>
    async ({ accountId, data: { address, since } }) => {
      const account = accountId === null ? null : await core.accounts.read(accountId);
      if (account === null || account.disabledAt !== null) return 'link-gone';
      const plan = await planUndo(core, core.database.queries, account.id, since);
      if (plan === null) return 'link-gone';
      const { id, username, email } = account;
      const about: Undo = { accountId: id, username, address, since, plan, isCurrent: email === address };
      return { about };
    },
  invalid: (words) => {
    const { title, text, reset } = words(undoWords).invalid;
    return { title, text, link: { path: paths.forgotPassword, label: reset } };
  },
});

export const undoPage = definePage({
  path: UNDO,
  access: 'public',
  needs: { link: undoLink },
  load: (core, { link }) =>
    link.page((_context, { about: { username, plan, isCurrent } }) => ({
      username,
      removed: plan.removed.map(({ kind }) => labelOf(core, kind)),
      restored: plan.restored.map(({ kind }) => labelOf(core, kind)),
      isCurrent,
    })),
  view: undoView,
});

function labelOf({ slots }: Core, kind: string) {
  return slots().secondFactors.find((factor) => factor.kind === kind)?.label ?? (() => kind);
}

/**
 * The account has the factors again that it had before the change, and the recovery begins: the attacker who made the change
 * knows the password. No user is signed in by it.
 */
export const undoChange = defineAction({
  path: UNDO,
  access: 'public',
  needs: { link: undoLink, passwords: passwordsService },
  input: z.object({}),
  reasons: undoLink.reasons,
  run: (core, { link, passwords }) =>
    link.action(async ({ context }, opened) => {
      const undone = await undo(core, passwords, context, opened);
      if (!undone.ok) return LINK_INVALID;
      const { factorChangeUndone, factorChangeUndoneElsewhere } = flashes;
      const flash = opened.about.isCurrent ? factorChangeUndone : factorChangeUndoneElsewhere;
      return { ok: true, next: paths.login, flashes: [flash] };
    }),
});

function undo(core: Core, passwords: Passwords, context: RequestContext, { token, about }: Opened<Undo>) {
  const { accountId, address, since } = about;
  return core.changeCredential(context, changes.secondFactorChangeUndone, {
    accountId,
    token: { purpose: tokens['second-factor-undo'], token },
    apply: async (transaction, occasion) => {
      const account = await core.accounts.read(accountId, transaction);
      if (account === null || account.disabledAt !== null) return false;
      if ((await undoSince(core, transaction, accountId, since)) === null) return false;
      const { email } = account;
      // The link for a new password goes to the address of the account, if the owner has shown to have that.
      if (email === address)
        await beginRecovery(core, passwords, transaction, { ...account, email }, occasion);
      else await passwords.disable(transaction, accountId);
      await reportUndo(core, transaction, accountId, occasion);
      return true;
    },
    event: { accountId },
  });
}

function reportUndo(
  core: Core,
  transaction: Queries,
  accountId: AccountId,
  occasion: Occasion,
): Promise<void> {
  const write = (username: string) =>
    emails.secondFactorChangeUndone.with({ username, page: paths.forgotPassword });
  return notifyAll(core, transaction, { accountId, occasion }, write);
}
