import { html } from 'hono/html';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import type { ListedSession } from '../../auth/sessions/sessions.ts';
import type { DeviceName } from '../../platform/web/pages/device-name.ts';
import { csrfField } from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { agoText, momentText, timeOf } from '../../platform/web/pages/time.ts';

const text = messages.sessions;

export type ShownSession = ListedSession & {
  readonly isThis: boolean;
  readonly name: DeviceName;
  readonly place: string | null;
};

export type SessionsPage = {
  readonly csrf: string;
  readonly sessions: readonly ShownSession[];
  /** Milliseconds of UTC. */
  readonly now: number;
};

// One form for all of them, whose buttons say which: a page of fifty carries one token.
export function sessionsBody({ csrf, sessions, now }: SessionsPage): Html {
  return html`<h1>${text.title}</h1>
${sessions.some(({ isThis }) => !isThis) ? endOthersForm(csrf) : html`<p class="lead">${text.isOnlyOne}</p>`}
<form method="post" action="/account/sessions/end">${csrfField(csrf)}
<ul class="sessions card">
${sessions.map((session) => item(session, now))}
</ul>
</form>
<p class="elsewhere"><a href="${paths.home}">${text.back}</a></p>`;
}

function endOthersForm(csrf: string): Html {
  return html`<p class="lead">${text.lead} <a href="${paths.password}">${text.changePassword}</a>${text.afterLead}</p>
<form method="post" action="/account/sessions/end-others">${csrfField(csrf)}<button type="submit" class="quiet">${text.endOthers}</button></form>`;
}

function item({ isThis, name, place, ...session }: ShownSession, now: number): Html {
  const device = text.device(name.browser, name.system);
  const method = messages.signInMethods[session.method] ?? session.method;
  return html`<li>
<div class="heading"><h2>${device}</h2>${isThis ? html`<span class="badge">${text.isThis}</span>` : ''}</div>
${endButton(session, device)}
${name.selfName === null ? '' : html`<p class="hint">${text.callsItself(name.selfName)}</p>`}
<dl>
${row(text.lastSeen, html`${agoText(session.lastSeenAt, now)}`, timeOf(session.lastSeenAt))}
${row(text.signedIn, timeOf(session.createdAt), html`${text.signedInWith(method)}`)}
${row(text.address, html`${session.device.address}`, place === null ? null : html`${text.place(place)}`)}
${keptRow(session)}
</dl>
</li>`;
}

function keptRow({ isRemembered, expiresAt }: Pick<ListedSession, 'isRemembered' | 'expiresAt'>): Html {
  if (!isRemembered) return row(text.isKept, html`${text.no}`);
  return row(text.isKept, html`${text.yes}`, html`${text.until} ${timeOf(expiresAt)}`);
}

function row(term: string, value: Html, more: Html | null = null): Html {
  return html`<div><dt>${term}</dt><dd>${value}${more === null ? '' : html` <span class="more">${more}</span>`}</dd></div>`;
}

function endButton({ id, lastSeenAt }: Pick<ListedSession, 'id' | 'lastSeenAt'>, device: string): Html {
  const which = text.endWhich(device, momentText(lastSeenAt));
  return html`<button type="submit" class="quiet" name="session" value="${id}">${text.end}<span class="unseen"> ${which}</span></button>`;
}
