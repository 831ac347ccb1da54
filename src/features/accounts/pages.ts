import { html } from 'hono/html';
import type { AccountPanel } from '../../auth/feature.ts';
import { messages } from '../../auth/pages/messages.ts';
import { profile } from '../../auth/pages/profile.ts';
import { paths } from '../../auth/paths.ts';
import type { User } from '../../auth/sessions/session.ts';
import { deviceWords } from '../../platform/web/pages/device-name.ts';
import { csrfField, dangerousButton } from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { panel } from '../../platform/web/pages/panel.ts';
import { agoText, timeOf } from '../../platform/web/pages/time.ts';
import type { ShownEvent } from './shown-events.ts';

export type AccountPage = {
  readonly user: User;
  /** Whether mail that confirms an address can be sent. */
  readonly canConfirm: boolean;
  /** Whether there is a page that changes an address. */
  readonly canChangeAddress: boolean;
  /** Panels of other features. */
  readonly panels: readonly AccountPanel[];
  readonly events: readonly ShownEvent[];
  /** Milliseconds of UTC. */
  readonly now: number;
};

export function accountBody({ user, canConfirm, canChangeAddress, panels, events, now }: AccountPage): Html {
  const text = messages.account;
  return html`<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
<div class="panels">
${panel(text.profileTitle, html`${profile(user)}${canConfirm ? confirmLine(user) : ''}${canChangeAddress ? changeLine(user) : ''}`)}
${panel(text.passwordTitle, leadingTo(text.password, { path: paths.password, label: text.changePassword }))}
${panels.map(({ title, text, link }) => panel(title, leadingTo(text, link)))}
${panel(text.sessionsTitle, leadingTo(text.sessions, { path: paths.sessions, label: text.seeSessions }))}
${panel(text.dataTitle, leadingTo(text.data, { path: paths.exportData, label: text.exportData }))}
${panel(text.deletionTitle, leadingTo(text.deletion, { path: paths.deleteAccount, label: text.deleteAccount }))}
${panel(text.eventsTitle, eventList(events, now))}
</div>`;
}

function confirmLine({ email, emailVerified }: User): Html | '' {
  if (email === null || emailVerified) return '';
  return html`<p class="elsewhere"><a href="${paths.confirmAddress}">${messages.account.confirmAddress}</a></p>`;
}

function changeLine({ email }: User): Html {
  const { add, change } = messages.emailChange;
  return html`<p class="elsewhere"><a href="${paths.email}">${email === null ? add : change}</a></p>`;
}

function eventList(events: readonly ShownEvent[], now: number): Html {
  const text = messages.account;
  if (events.length === 0) return html`<p>${text.noEvents}</p>`;
  return html`<p>${text.eventsLead}</p>
<ul class="events">
${events.map((event) => eventItem(event, now))}
</ul>`;
}

function eventItem({ what, times, device, address, happenedAt }: ShownEvent, now: number): Html {
  const text = messages.account;
  const how = [
    times === 1 ? null : text.times(times),
    device === null ? null : deviceWords.english.device(device.browser, device.system),
    address === null ? null : text.from(address),
  ].filter((part) => part !== null);
  const when = html`<time datetime="${new Date(happenedAt).toISOString()}">${agoText(happenedAt, now)}</time>`;
  return html`<li>${what}<span class="more">${how.map((part) => html`${part} · `)}${when}</span></li>`;
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
  /** For how many days the record of events is kept. */
  readonly recordDays: number;
};

export function deletionForm({ csrf, username, deleteAt, recordDays }: DeletionForm): Html {
  const text = messages.deletion;
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
<p>${text.whatGoes}</p>
<ul>${text.goes.map((what) => html`<li>${what}</li>`)}</ul>
<p>${text.isKept(recordDays)}</p>
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
