import { html } from 'hono/html';
import type { Language } from '../../words/index.ts';
import type { FormRefusal } from '../csrf.ts';
import type { HostKind } from '../own-host.ts';
import { type ErrorStatus, errorWords } from '../words.ts';
import { type Html, renderPage, type Site } from './layout.ts';

export type ErrorDetails = {
  /** Named on the page, so that a report finds its log line. */
  readonly requestId?: string;
  readonly retryAfterSeconds?: number;
  readonly formRefusal?: FormRefusal;
  readonly hostKind?: HostKind;
  /** Where the start page is, if not on the host that was asked. */
  readonly origin?: string;
};

/** The page for a request that ends badly: what happened, and what to do now. It needs no database. */
export function errorPage(
  site: Site,
  language: Language,
  status: ErrorStatus,
  details: ErrorDetails = {},
): Html {
  const { requestId, retryAfterSeconds, formRefusal, hostKind, origin } = details;
  const words = language.words(errorWords);
  const [title, text] = formRefusal === undefined ? words.status[status] : words.refusedForm[formRefusal];
  const body = html`<section class="card error">
<p class="status">${status}</p>
<h1>${title}</h1>
<p>${text}</p>
${isOfServer(hostKind) ? html`<p>${words.hostOfServer}</p>` : ''}
${retryAfterSeconds === undefined ? '' : html`<p><strong>${words.retry(retryAfterSeconds)}</strong></p>`}
${requestId === undefined ? '' : html`<p class="hint">${words.requestId} <code>${requestId}</code></p>`}
<p class="elsewhere"><a href="${origin ?? ''}/">${origin ?? words.back}</a></p>
</section>`;
  return renderPage(site, { language, title, body, flash: [], width: 'narrow' });
}

// A user who typed the right address can do nothing about these.
function isOfServer(kind: HostKind | undefined): boolean {
  return kind === 'listening-address' || kind === 'internal-name';
}
