import { z } from 'zod';
import { defineAction, definePage, flag, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Queries } from '../../auth/schema.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import { enteredOr } from '../../platform/web/index.ts';
import {
  DECOY_ADDRESS,
  type Found,
  type ReachableAccount,
  type RequestedMail,
  reachableAccount,
  requestMail,
} from '../requested-mail/index.ts';
import { emails, events, limits, tokens } from './definitions.ts';
import { requestView } from './pages.ts';
import { type SignInRequest, storeRequest } from './request-cookie.ts';
import { issueLink } from './sign-in-link.ts';
import { requestWords } from './words.ts';

/** The maximum length of a name that is looked up, in characters; addresses have at most 254. */
const MAX_NAME_LENGTH = 300;

export const requestPage = definePage({
  path: '/login/link',
  access: 'public',
  load:
    ({ pages, locations }) =>
    (context) => {
      const next = locations.readNext(enteredOr(context, 'next'));
      if (context.signedIn !== null && context.refused === null)
        return pages.redirect(locations.onward(next));
      return { next };
    },
  view: requestView,
});

/** The answer is the same for every name (A03). API clients also get the handle with which they send the code. */
export const requestLink = defineAction({
  path: '/login/link',
  access: 'public',
  input: z.object({ username: text(), remember: flag(), next: text() }),
  keeps: ['username', 'remember'],
  reasons: {
    'username-missing': { status: 422, field: 'username', text: (words) => words(requestWords).missing },
  },
  run:
    (core) =>
    async ({ context, form, input }) => {
      const name = input.username.slice(0, MAX_NAME_LENGTH);
      if (name.trim() === '') return { ok: false, problems: [{ reason: 'username-missing' }] };
      const next = core.locations.readNext(input.next);
      let flow = '';
      const requested = await requestMail(core, { context, form }, limits['links-from-address'], () => {
        const request = storeRequest(core, context, { name, isRemembered: input.remember, next });
        flow = request.flow;
        return linkMail(core, request);
      });
      return requested.ok ? { ok: true, next: '/login/link/sent', data: { flow } } : requested;
    },
});

/** The mail with the link and the code, only to a confirmed address: another one may belong to another user. */
function linkMail(core: Core, { name, browser }: SignInRequest): RequestedMail<ReachableAccount> {
  return {
    name,
    limit: limits['links-of-account'],
    find: (accountId) => confirmedAccount(core, accountId),
    write: async (transaction, { id: accountId, email: address, username }, occasion) => {
      const issued = await issueLink(core, transaction, { accountId, address, browser }, occasion.at);
      const email = emailWith(username, issued, occasion);
      await core.mail.queue(transaction, { to: address, ownerId: accountId, email, occasion });
    },
    writeDecoy: (transaction, occasion) => writeDecoy(core, transaction, occasion),
    sent: events.signInLinkRequested,
    refused: events.signInLinkRefused,
  };
}

async function confirmedAccount(core: Core, accountId: AccountId | null): Promise<Found<ReachableAccount>> {
  const found = await reachableAccount(core, accountId);
  if (!found.ok || found.recipient.emailVerifiedAt !== null) return found;
  return { ok: false, reason: 'address-unconfirmed' };
}

async function writeDecoy(core: Core, transaction: Queries, occasion: Occasion): Promise<void> {
  const data = { address: DECOY_ADDRESS, browser: '', code: '' };
  const about = { purpose: tokens['magic-link'], accountId: null, data };
  const token = await core.oneTimeTokens.issue(transaction, about, occasion.at);
  const { code } = core.oneTimeCodes.make([DECOY_ADDRESS]);
  const email = emailWith('nobody', { token, code }, occasion);
  await core.mail.queue(transaction, { to: DECOY_ADDRESS, ownerId: null, email, occasion });
}

type Issued = { readonly token: string; readonly code: string };

function emailWith(username: string, { token, code }: Issued, { at }: Occasion) {
  const page = `/login/link/open?token=${token}` as const;
  return emails.magicLink.with({ username, page, code, expires: at + tokens['magic-link'].lifetime });
}
