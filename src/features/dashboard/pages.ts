import { html } from 'hono/html';
import { messages } from '../../auth/pages/messages.ts';
import { profile } from '../../auth/pages/profile.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedIn } from '../../auth/sessions/session.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { facts, panel } from '../../platform/web/pages/panel.ts';
import { timeOf } from '../../platform/web/pages/time.ts';

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
