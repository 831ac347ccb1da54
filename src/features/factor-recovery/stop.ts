import { z } from 'zod';
import { defineAction, definePage } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { AfterSignIn } from '../../auth/required-steps/sign-in-step.ts';
import type { Banner } from '../../auth/slots.ts';
import { defineMailedLink, LINK_INVALID } from '../requested-mail/index.ts';
import { pendingRecovery, type StoredRecovery } from '../second-factors/index.ts';
import { flashes, tokens } from './definitions.ts';
import { STOP_HERE, stopBanner, stopView } from './pages.ts';
import { stopRecovery } from './recovery.ts';
import { stopWords } from './words.ts';

type Pending = StoredRecovery & { readonly accountId: AccountId; readonly username: string };

const stopLink = defineMailedLink({
  purpose: tokens['factor-recovery-stop'],
  find:
    (core) =>
    async ({ accountId, data: { recoveryId } }) => {
      const account = accountId === null ? null : await core.accounts.read(accountId);
      const recovery = account === null ? null : await recoveryNow(core, account.id);
      if (account === null || recovery?.id !== recoveryId) return 'link-gone';
      const about: Pending = { ...recovery, accountId: account.id, username: account.username };
      return { about };
    },
  invalid: (words) => {
    const { title, text, reset } = words(stopWords).invalid;
    return { title, text, link: { path: paths.forgotPassword, label: reset } };
  },
});

function recoveryNow(core: Core, accountId: AccountId): Promise<StoredRecovery | null> {
  return pendingRecovery(core, core.database.queries, accountId, core.clock());
}

export const mailedStopPage = definePage({
  path: '/stop-factor-recovery',
  access: 'public',
  needs: { link: stopLink },
  load: (_core, { link }) => link.page((_context, { about: { username, dueAt } }) => ({ username, dueAt })),
  view: stopView,
});

/** Stops a recovery by the link of a mail, without signing in. */
export const stopByMail = defineAction({
  path: '/stop-factor-recovery',
  access: 'public',
  needs: { link: stopLink },
  input: z.object({}),
  reasons: stopLink.reasons,
  run: (core, { link }) =>
    link.action(async ({ context }, { about: { accountId, id } }) => {
      const isStopped = await stopRecovery(core, context, { accountId, id, by: 'mail' });
      if (!isStopped) return LINK_INVALID;
      return { ok: true, next: paths.login, flashes: [flashes.factorRecoveryStopped] };
    }),
});

/** The page of the button that every page of a signed-in device has. */
export const stopPage = definePage({
  path: STOP_HERE,
  access: 'signed-in',
  load:
    (core) =>
    async ({ signedIn: { user } }) => {
      const recovery = await recoveryNow(core, user.id);
      return recovery === null
        ? core.pages.redirect(paths.account)
        : { username: user.username, dueAt: recovery.dueAt };
    },
  view: stopView,
});

/** Stops a recovery on a signed-in device. A second click leads on likewise. */
export const stopInSession = defineAction({
  path: STOP_HERE,
  access: 'signed-in',
  input: z.object({}),
  reasons: {},
  run:
    (core) =>
    async ({ context }) => {
      const { id: accountId } = context.signedIn.user;
      const recovery = await recoveryNow(core, accountId);
      const isStopped =
        recovery !== null &&
        (await stopRecovery(core, context, { accountId, id: recovery.id, by: 'session' }));
      const flash = isStopped ? flashes.factorRecoveryStopped : flashes.factorRecoveryOver;
      return { ok: true, next: paths.account, flashes: [flash] };
    },
});

/** Notifies every signed-in device, on every page. */
export function recoveryBanner(core: Core): Banner {
  return async ({ signedIn: { user }, words }, csrf) => {
    const recovery = await recoveryNow(core, user.id);
    if (recovery === null) return '';
    return stopBanner(words, csrf(), { ...recovery, isDue: recovery.dueAt <= core.clock() });
  };
}

/** A sign-in that has proven a second factor shows that it is not lost. */
export function stopAfterProof(core: Core): AfterSignIn {
  return async (context, { accountId, sessionId, now }) => {
    const recovery = await recoveryNow(core, accountId);
    if (recovery === null) return true;
    const sessions = await core.sessions.list(accountId, now);
    const isProven = sessions.some(({ id, secondFactor }) => id === sessionId && secondFactor !== null);
    if (isProven) await stopRecovery(core, context, { accountId, id: recovery.id, by: 'sign-in' });
    return true;
  };
}
