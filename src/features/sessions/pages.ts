import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { signInMethodWords } from '../../auth/pages/field-words.ts';
import { paths } from '../../auth/paths.ts';
import type { ListedSession } from '../../auth/sessions/sessions.ts';
import type { Page } from '../../platform/web/page-answers.ts';
import type { DeviceName } from '../../platform/web/pages/device-name.ts';
import { deviceWords } from '../../platform/web/pages/device-name.ts';
import { csrfField } from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { agoText, momentText, timeOf } from '../../platform/web/pages/time.ts';
import type { Wording } from '../../platform/words/index.ts';
import { sessionsWords } from './words.ts';

export type ShownSession = ListedSession & {
  readonly isThis: boolean;
  readonly name: DeviceName;
  readonly location: string | null;
};

export type SessionsPage = {
  readonly sessions: readonly ShownSession[];
  /** Milliseconds of UTC. */
  readonly now: number;
};

type Text = ReturnType<typeof textIn>;

function textIn(words: Wording) {
  return { ...words(sessionsWords), ...words(deviceWords), methods: words(signInMethodWords) };
}

// One form for all of them, whose buttons say which: a page of fifty carries one token.
export function sessionsView(words: Wording, { csrf }: FormView, { sessions, now }: SessionsPage): Page {
  const text = textIn(words);
  const body = html`<h1>${text.title}</h1>
${sessions.some(({ isThis }) => !isThis) ? endOthersForm(text, csrf) : html`<p class="lead">${text.isOnlyOne}</p>`}
<form method="post" action="/account/sessions/end">${csrfField(csrf)}
<ul class="sessions card">
${sessions.map((session) => item(text, session, now))}
</ul>
</form>
<p class="elsewhere"><a href="${paths.home}">${text.back}</a></p>`;
  return { title: text.title, body, width: 'wide' };
}

function endOthersForm(text: Text, csrf: string): Html {
  return html`<p class="lead">${text.lead} <a href="${paths.password}">${text.changePassword}</a>${text.afterLead}</p>
<form method="post" action="/account/sessions/end-others">${csrfField(csrf)}<button type="submit" class="quiet">${text.endOthers}</button></form>`;
}

function item(text: Text, { isThis, name, location, ...session }: ShownSession, now: number): Html {
  const device = text.device(name.browser, name.system);
  const method = text.methods[session.method] ?? session.method;
  return html`<li>
<div class="heading"><h2>${device}</h2>${isThis ? html`<span class="badge">${text.isThis}</span>` : ''}</div>
${endButton(text, session, device)}
${name.selfName === null ? '' : html`<p class="hint">${text.callsItself(name.selfName)}</p>`}
<dl>
${row(text.lastSeen, html`${agoText(session.lastSeenAt, now)}`, timeOf(session.lastSeenAt))}
${row(text.signedIn, timeOf(session.createdAt), html`${text.signedInWith(method)}`)}
${row(text.address, html`${session.device.address}`, location === null ? null : html`${text.place(location)}`)}
${keptRow(text, session)}
</dl>
</li>`;
}

function keptRow(
  text: Text,
  { isRemembered, expiresAt }: Pick<ListedSession, 'isRemembered' | 'expiresAt'>,
): Html {
  if (!isRemembered) return row(text.isKept, html`${text.no}`);
  return row(text.isKept, html`${text.yes}`, html`${text.until} ${timeOf(expiresAt)}`);
}

function row(term: string, value: Html, more: Html | null = null): Html {
  return html`<div><dt>${term}</dt><dd>${value}${more === null ? '' : html` <span class="more">${more}</span>`}</dd></div>`;
}

function endButton(
  text: Text,
  { id, lastSeenAt }: Pick<ListedSession, 'id' | 'lastSeenAt'>,
  device: string,
): Html {
  const which = text.endWhich(device, momentText(lastSeenAt));
  return html`<button type="submit" class="quiet" name="session" value="${id}">${text.end}<span class="unseen"> ${which}</span></button>`;
}
