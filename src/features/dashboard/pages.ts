import { html } from 'hono/html';
import type { Html } from '../../core/pages/layout.ts';
import { messages } from '../../core/pages/messages.ts';
import { timeOf } from '../../core/pages/time.ts';
import { paths } from '../../core/paths.ts';
import type { SignedIn, User } from '../../core/sessions/session.ts';

const text = messages.dashboard;

export function dashboardBody({ user, session }: SignedIn): Html {
  return html`<h1>${text.heading}</h1>
<p class="lead">${text.lead(user.username)}</p>
<div class="panels">
${panel(text.accountTitle, [
  [text.username, html`<bdi>${user.username}</bdi>`],
  [text.email, emailOf(user)],
  [text.memberSince, timeOf(user.createdAt)],
])}
${panel(
  text.sessionTitle,
  [
    [text.signedInAt, timeOf(session.createdAt)],
    [text.method, html`${messages.signInMethods[session.method] ?? session.method}`],
    [text.endsAt, timeOf(session.expiresAt)],
  ],
  html`<p class="elsewhere"><a href="${paths.sessions}">${text.sessions}</a></p>`,
)}
</div>`;
}

function panel(title: string, rows: readonly (readonly [string, Html])[], below: Html | '' = ''): Html {
  return html`<section class="card">
<h2>${title}</h2>
<dl>${rows.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
${below}
</section>`;
}

function emailOf({ email, emailVerified }: User): Html {
  if (email === null) return html`${text.noEmail}`;
  return html`${email} <span class="optional">(${emailVerified ? text.emailVerified : text.emailUnverified})</span>`;
}
