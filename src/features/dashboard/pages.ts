import { html } from 'hono/html';
import type { Html } from '../../core/pages/layout.ts';
import { messages } from '../../core/pages/messages.ts';
import { facts, panel } from '../../core/pages/panel.ts';
import { profile } from '../../core/pages/profile.ts';
import { timeOf } from '../../core/pages/time.ts';
import { paths } from '../../core/paths.ts';
import type { SignedIn } from '../../core/sessions/session.ts';

const text = messages.dashboard;

export function dashboardBody({ user, session }: SignedIn): Html {
  return html`<h1>${text.heading}</h1>
<p class="lead">${text.lead(user.username)}</p>
<div class="panels">
${panel(
  text.accountTitle,
  html`${profile(user)}
<p class="elsewhere"><a href="${paths.account}">${text.manage}</a></p>`,
)}
${panel(
  text.sessionTitle,
  html`${facts([
    [text.signedInAt, timeOf(session.createdAt)],
    [text.method, html`${messages.signInMethods[session.method] ?? session.method}`],
    [text.endsAt, timeOf(session.expiresAt)],
  ])}
<p class="elsewhere"><a href="${paths.sessions}">${text.sessions}</a></p>`,
)}
</div>`;
}
