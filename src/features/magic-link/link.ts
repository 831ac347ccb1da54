import { z } from 'zod';
import { defineAction, definePage } from '../../auth/action.ts';
import { flowOfDigest } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { defineMailedLink, LINK_INVALID } from '../requested-mail/index.ts';
import { tokens } from './definitions.ts';
import { linkView } from './pages.ts';
import { requestOf, type SignInRequest } from './request-cookie.ts';
import { completeRequest, linkOf, type SignInLink } from './sign-in-link.ts';
import { linkWords } from './words.ts';

const again = (words: Wording) => ({ path: '/login/link', label: words(linkWords).again });

/** A link is of use only in the browser that requested it. */
const signInLink = defineMailedLink({
  purpose: tokens['magic-link'],
  find: (core) => (token, context) => {
    const link = linkOf(token);
    const request = requestOf(core, context, flowOfDigest(link.browser));
    if (request?.browser !== link.browser) return 'link-elsewhere';
    const about: { readonly link: SignInLink; readonly request: SignInRequest } = { link, request };
    return { about };
  },
  invalid: (words) => ({ ...words(linkWords).invalid, link: again(words) }),
  elsewhere: (words) => words(linkWords).elsewhere,
  again,
});

/** Shows a button; nothing is spent (A14). */
export const linkPage = definePage({
  path: '/login/link/open',
  access: 'public',
  needs: { opened: signInLink },
  load: ({ accounts }, { opened }) =>
    opened.page(async (_context, { about: { link } }) => {
      const account = await accounts.read(link.accountId);
      return { username: account?.username ?? '' };
    }),
  view: linkView,
});

/** Of several requests that race with one link, one signs in (A15). */
export const signInByLink = defineAction({
  path: '/login/link/open',
  access: 'public',
  needs: { opened: signInLink },
  input: z.object({}),
  reasons: signInLink.reasons,
  run: (core, { opened }) =>
    opened.action(async ({ context }, { token, about: { link, request } }) => {
      const now = core.clock();
      const spent = await core.database.transaction((transaction) =>
        core.oneTimeTokens.spend(transaction, tokens['magic-link'], token, now),
      );
      if (spent === null) return LINK_INVALID;
      return { ok: true, ...(await completeRequest(core, context, link, request)) };
    }),
});
