import { html } from 'hono/html';
import { messages } from '../../../auth/pages/messages.ts';
import { paths } from '../../../auth/paths.ts';
import { csrfField } from '../../../platform/web/pages/form.ts';
import type { Html } from '../../../platform/web/pages/layout.ts';
import { agoText, timeOf } from '../../../platform/web/pages/time.ts';
import type { Provider } from '../providers/provider.ts';

const text = messages.externalSignIn.connections;

export type ShownConnection = {
  readonly id: string;
  readonly label: string;
  readonly handle: string | null;
  /** Milliseconds of UTC. */
  readonly connectedAt: number;
  readonly lastUsedAt: number | null;
};

export type ConnectionsPage = {
  readonly csrf: string;
  readonly connections: readonly ShownConnection[];
  readonly isOnlyWayIn: boolean;
  readonly providers: readonly Provider[];
  /** Milliseconds of UTC. */
  readonly now: number;
};

// One form for all of them, whose buttons say which, as for sessions.
export function connectionsBody(page: ConnectionsPage): Html {
  const { csrf, connections, providers } = page;
  return html`<h1>${text.title}</h1>
<p class="lead">${connections.length === 0 ? text.none : text.lead}</p>
${page.isOnlyWayIn ? html`<p>${text.onlyWayIn} <a href="${paths.password}">${text.setPassword}</a></p>` : ''}
<form method="post" action="${paths.connections}">${csrfField(csrf)}
${connections.length === 0 ? '' : html`<ul class="sessions card">${connections.map((one) => item(one, page))}</ul>`}
<h2>${text.more}</h2>
<p>${providers.map(connectButton)}</p>
</form>
<p class="elsewhere"><a href="${paths.account}">${messages.account.back}</a></p>`;
}

function item({ id, label, handle, ...when }: ShownConnection, { isOnlyWayIn, now }: ConnectionsPage): Html {
  return html`<li>
<div class="heading"><h2>${label}</h2></div>
${isOnlyWayIn ? '' : html`<button type="submit" class="quiet" name="disconnect" value="${id}">${text.disconnect}<span class="unseen"> ${label} ${handle ?? ''}</span></button>`}
<dl>
${handle === null ? '' : row(text.as, html`<bdi>${handle}</bdi>`)}
${row(text.connected, timeOf(when.connectedAt))}
${row(text.lastUsed, when.lastUsedAt === null ? html`${text.never}` : html`${agoText(when.lastUsedAt, now)}`)}
</dl>
</li>`;
}

function row(term: string, value: Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}

function connectButton({ name, label }: Provider): Html {
  return html`<button type="submit" class="quiet" name="connect" value="${name}">${text.connect(label)}</button> `;
}
