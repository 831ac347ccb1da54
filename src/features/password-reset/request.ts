import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { endingReason } from '../../platform/outcomes/index.ts';
import { messagePage } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { passwordsService } from '../passwords/index.ts';
import { requestMail } from '../requested-mail/index.ts';
import { flashes, limits } from './definitions.ts';
import { resetMailTo } from './mailing/requested.ts';
import { requestView } from './pages.ts';
import { resetRequestWords, resetWithoutMailWords } from './words.ts';

/** Where no mail can be sent, the page says whom to ask instead. */
export const requestPage = definePage({
  path: '/forgot-password',
  access: 'public',
  load:
    ({ mail, pages, locations }) =>
    (context) => {
      if (!mail.isPossible) return pages.show(context, 200, messagePage(withoutMail(context.words)));
      if (context.typed !== null && context.signedIn !== null) return pages.redirect(locations.onward(null));
      return null;
    },
  view: requestView,
});

function withoutMail(words: Wording) {
  const link = { path: paths.login, label: words(resetRequestWords).back };
  return { ...words(resetWithoutMailWords), link };
}

/** The answer is the same for every name (A03). */
export const requestReset = defineAction({
  path: '/forgot-password',
  access: 'public',
  needs: { passwords: passwordsService },
  input: z.object({ username: text() }),
  keeps: ['username'],
  reasons: {
    'username-missing': {
      status: 422,
      field: 'username',
      text: (words) => words(resetRequestWords).missing,
    },
    'mail-impossible': endingReason(422, withoutMail),
  },
  run:
    (core, { passwords }) =>
    async ({ context, form, input: { username } }) => {
      if (!core.mail.isPossible) return { ok: false, problems: [{ reason: 'mail-impossible' }] };
      if (username.trim() === '') return { ok: false, problems: [{ reason: 'username-missing' }] };
      const requested = await requestMail(core, { context, form }, limits['resets-from-address'], () =>
        resetMailTo(core, passwords, username),
      );
      return requested.ok ? { ok: true, next: paths.login, flashes: [flashes.resetRequested] } : requested;
    },
});
