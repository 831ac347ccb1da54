import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import type { User } from '../../auth/sessions/session.ts';
import type { AccountPanel } from '../../auth/slots.ts';
import { fieldWords } from '../../auth/words.ts';
import {
  agoText,
  csrfField,
  dangerousButton,
  deviceWords,
  facts,
  focusedProblem,
  type Html,
  type Page,
  panel,
  timeOf,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { factorReminder } from '../second-factors/index.ts';
import type { ShownEvent } from './shown-events.ts';
import { accountWords, deletionWords, emailStateWords, profileWords } from './words.ts';

export type AccountPage = {
  readonly user: User;
  /** Until when the account works without the second factor that it needs; null where it needs none. */
  readonly until: number | null;
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

export function accountView(
  words: Wording,
  _form: FormView,
  { user, until, canConfirm, canChangeAddress, panels, events, now }: AccountPage,
): Page {
  const text = words(accountWords);
  const body = html`<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${factorReminder(words, until)}
<div class="panels">
${panel(text.profileTitle, html`${profile(words, user)}${canConfirm ? confirmLine(words, user) : ''}${canChangeAddress ? changeLine(words, user) : ''}`)}
${panels.map((of) => otherPanel(words, of))}
${panel(text.dataTitle, leadingTo(text.data, { path: paths.exportData, label: text.exportData }))}
${panel(text.deletionTitle, leadingTo(text.deletion, { path: '/account/delete', label: text.deleteAccount }))}
${panel(text.eventsTitle, eventList(words, events, now))}
</div>`;
  return { title: text.title, body, width: 'wide' };
}

function otherPanel(words: Wording, { path, content }: AccountPanel): Html {
  const { title, text, link } = content(words);
  return panel(title, leadingTo(text, { path, label: link }));
}

function confirmLine(words: Wording, { email, emailVerified }: User): Html | '' {
  if (email === null || emailVerified) return '';
  return linkTo({ path: paths.confirmAddress, label: words(accountWords).confirmAddress });
}

function changeLine(words: Wording, { email }: User): Html {
  const { addAddress, changeAddress } = words(accountWords);
  return linkTo({ path: paths.email, label: email === null ? addAddress : changeAddress });
}

function eventList(words: Wording, events: readonly ShownEvent[], now: number): Html {
  const text = words(accountWords);
  if (events.length === 0) return html`<p>${text.noEvents}</p>`;
  return html`<p>${text.eventsLead}</p>
<ul class="events">
${events.map((event) => eventItem(words, event, now))}
</ul>`;
}

// Written by its number, because a wide character would make the whole package one of two bytes each.
const SEPARATOR = '\u00b7';

function eventItem(
  words: Wording,
  { what, times, device, address, happenedAt }: ShownEvent,
  now: number,
): Html {
  const text = words(accountWords);
  const how = [
    times === 1 ? null : text.times(times),
    device === null ? null : words(deviceWords).device(device.browser, device.system),
    address === null ? null : text.from(address),
  ].filter((part) => part !== null);
  const when = html`<time datetime="${new Date(happenedAt).toISOString()}">${agoText(words, happenedAt, now)}</time>`;
  return html`<li>${what}<span class="more">${how.map((part) => html`${part} ${SEPARATOR} `)}${when}</span></li>`;
}

type Link = { readonly path: string; readonly label: string };

function leadingTo(explanation: string, link: Link): Html {
  return html`<p>${explanation}</p>
${linkTo(link)}`;
}

function linkTo({ path, label }: Link): Html {
  return html`<p class="elsewhere"><a href="${path}">${label}</a></p>`;
}

export type DeletionPage = {
  readonly username: string;
  /** Milliseconds of UTC; null means at once. */
  readonly deleteAt: number | null;
  /** For how many days audit records are kept. */
  readonly recordDays: number;
};

export function deletionView(
  words: Wording,
  form: FormView,
  { username, deleteAt, recordDays }: DeletionPage,
): Page {
  const text = words(deletionWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
${form.problem === null ? '' : focusedProblem(form.problem)}
<p>${text.whatGoes}</p>
<ul>${text.goes.map((what) => html`<li>${what}</li>`)}</ul>
<p>${text.isKept(recordDays)}</p>
<p>${text.nameBecomesFree}</p>
${
  deleteAt === null
    ? html`<p><strong>${text.atOnce}</strong></p>`
    : html`<p>${text.beforeTime} <strong>${timeOf(words, deleteAt)}</strong>${text.afterTime}</p>`
}
<form method="post" action="${form.path}">${csrfField(form.csrf)}${dangerousButton(text.button)}</form>
<p class="elsewhere"><a href="${paths.account}">${text.stay}</a></p>
</section>`;
  return { title: text.title, body };
}

/** The name and address of a user. */
export function profile(words: Wording, user: User): Html {
  return facts([
    [words(fieldWords).username, html`<bdi>${user.username}</bdi>`],
    [words(fieldWords).email, emailOf(words, user)],
    [words(profileWords).memberSince, timeOf(words, user.createdAt)],
  ]);
}

function emailOf(words: Wording, { email, emailVerified }: User): Html {
  if (email === null) return html`${words(profileWords).noEmail}`;
  const state = words(emailStateWords);
  return html`${email} <span class="optional">(${emailVerified ? state.verified : state.unverified})</span>`;
}
