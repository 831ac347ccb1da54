import { html } from 'hono/html';
import { csrfField, dangerousButton } from '../../core/pages/form.ts';
import type { Html } from '../../core/pages/layout.ts';
import { messages } from '../../core/pages/messages.ts';
import { panel } from '../../core/pages/panel.ts';
import { profile } from '../../core/pages/profile.ts';
import { timeOf } from '../../core/pages/time.ts';
import { paths } from '../../core/paths.ts';
import type { User } from '../../core/sessions/session.ts';

export function accountBody(user: User): Html {
  const text = messages.account;
  return html`<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
<div class="panels">
${panel(text.profileTitle, profile(user))}
${panel(text.passwordTitle, leadingTo(text.password, { path: paths.password, label: text.changePassword }))}
${panel(text.sessionsTitle, leadingTo(text.sessions, { path: paths.sessions, label: text.seeSessions }))}
${panel(text.dataTitle, leadingTo(text.data, { path: paths.exportData, label: text.exportData }))}
${panel(text.deletionTitle, leadingTo(text.deletion, { path: paths.deleteAccount, label: text.deleteAccount }))}
</div>`;
}

function leadingTo(explanation: string, link: { readonly path: string; readonly label: string }): Html {
  return html`<p>${explanation}</p>
<p class="elsewhere"><a href="${link.path}">${link.label}</a></p>`;
}

export type DeletionForm = {
  readonly csrf: string;
  readonly username: string;
  /** Milliseconds of UTC; null means at once. */
  readonly deleteAt: number | null;
};

export function deletionForm({ csrf, username, deleteAt }: DeletionForm): Html {
  const text = messages.deletion;
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
<p>${text.whatGoes}</p>
<ul>${text.goes.map((what) => html`<li>${what}</li>`)}</ul>
<p>${text.nameBecomesFree}</p>
${
  deleteAt === null
    ? html`<p><strong>${text.atOnce}</strong></p>`
    : html`<p>${text.beforeTime} <strong>${timeOf(deleteAt)}</strong>${text.afterTime}</p>`
}
<form method="post" action="/account/delete">${csrfField(csrf)}${dangerousButton(text.button)}</form>
<p class="elsewhere"><a href="${paths.account}">${text.stay}</a></p>
</section>`;
}
