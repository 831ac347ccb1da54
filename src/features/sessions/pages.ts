import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import type { ListedSession } from '../../auth/sessions/sessions.ts';
import {
  agoText,
  csrfField,
  type DeviceName,
  deviceWords,
  type Html,
  momentText,
  type Page,
  timeOf,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { type RememberedDevice, rememberedList } from '../remembered-devices/index.ts';
import { sessionsWords } from './words.ts';

export type ShownSession = ListedSession & {
  readonly isThis: boolean;
  readonly name: DeviceName;
  readonly location: string | null;
};

export type SessionsPage = {
  readonly sessions: readonly ShownSession[];
  readonly remembered: readonly RememberedDevice[];
  /** Milliseconds of UTC. */
  readonly now: number;
  /** The page that comes after signing in. */
  readonly home: string;
};

// One form for all of them, whose buttons say which: a page of fifty carries one token.
export function sessionsView(
  words: Wording,
  { csrf }: FormView,
  { sessions, remembered, now, home }: SessionsPage,
): Page {
  const text = words(sessionsWords);
  const body = html`<h1>${text.title}</h1>
${sessions.some(({ isThis }) => !isThis) || remembered.some(({ isThis }) => !isThis) ? endOthersForm(words, csrf) : html`<p class="lead">${text.isOnlyOne}</p>`}
<form method="post" action="/account/sessions/end">${csrfField(csrf)}
<ul class="sessions card">
${sessions.map((session) => item(words, session, now))}
</ul>
</form>
${rememberedList(words, { path: '/account/sessions/forget-device', csrf }, remembered, now)}
<p class="elsewhere"><a href="${home}">${text.back}</a></p>`;
  return { title: text.title, body, width: 'wide' };
}

function endOthersForm(words: Wording, csrf: string): Html {
  const text = words(sessionsWords);
  return html`<p class="lead">${text.lead} <a href="${paths.password}">${text.changePassword}</a>${text.afterLead}</p>
<form method="post" action="/account/sessions/end-others">${csrfField(csrf)}<button type="submit" class="quiet">${text.endOthers}</button></form>`;
}

function item(words: Wording, { isThis, name, location, ...session }: ShownSession, now: number): Html {
  const text = words(sessionsWords);
  const device = words(deviceWords).device(name.browser, name.system);
  return html`<li>
<div class="heading"><h2>${device}</h2>${isThis ? html`<span class="badge">${text.isThis}</span>` : ''}</div>
${endButton(words, session, device)}
${name.selfName === null ? '' : html`<p class="hint">${text.callsItself(name.selfName)}</p>`}
<dl>
${row(text.lastSeen, html`${agoText(words, session.lastSeenAt, now)}`, timeOf(words, session.lastSeenAt))}
${row(text.signedIn, timeOf(words, session.createdAt), html`${text.signedInWith(session.method)}`)}
${row(text.address, html`${session.device.address}`, location === null ? null : html`${text.place(location)}`)}
${keptRow(words, session)}
</dl>
</li>`;
}

function keptRow(
  words: Wording,
  { isRemembered, expiresAt }: Pick<ListedSession, 'isRemembered' | 'expiresAt'>,
): Html {
  const text = words(sessionsWords);
  if (!isRemembered) return row(text.isKept, html`${text.no}`);
  return row(text.isKept, html`${text.yes}`, html`${text.until} ${timeOf(words, expiresAt)}`);
}

function row(term: string, value: Html, more: Html | null = null): Html {
  return html`<div><dt>${term}</dt><dd>${value}${more === null ? '' : html` <span class="more">${more}</span>`}</dd></div>`;
}

function endButton(
  words: Wording,
  { id, lastSeenAt }: Pick<ListedSession, 'id' | 'lastSeenAt'>,
  device: string,
): Html {
  const text = words(sessionsWords);
  const which = text.endWhich(device, momentText(words, lastSeenAt));
  return html`<button type="submit" class="quiet" name="session" value="${id}">${text.end}<span class="unseen"> ${which}</span></button>`;
}
