import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedIn } from '../../auth/sessions/session.ts';
import { facts, type Page, panel, timeOf } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { profile } from '../accounts/index.ts';
import { factorReminder } from '../second-factors/index.ts';
import { dashboardWords } from './words.ts';

export type DashboardPage = SignedIn & {
  readonly method: string;
  /** Until when the account works without the second factor that it needs; null where it needs none. */
  readonly until: number | null;
};

export function dashboardView(
  words: Wording,
  _form: FormView,
  { user, session, method, until }: DashboardPage,
): Page {
  const text = words(dashboardWords);
  const body = html`<h1>${text.heading}</h1>
<p class="lead">${text.lead(user.username)}</p>
${factorReminder(words, until)}
<div class="panels">
${panel(
  text.accountTitle,
  html`${profile(words, user)}
<p class="elsewhere"><a href="${paths.account}">${text.manage}</a></p>`,
)}
${panel(
  text.sessionTitle,
  html`${facts([
    [text.signedInAt, timeOf(words, session.createdAt)],
    [text.method, html`${method}`],
    [text.endsAt, timeOf(words, session.expiresAt)],
  ])}
<p class="elsewhere"><a href="${paths.sessions}">${text.sessions}</a></p>`,
)}
</div>`;
  return { title: text.title, body, width: 'wide' };
}
