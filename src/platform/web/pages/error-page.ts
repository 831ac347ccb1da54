import { html } from 'hono/html';
import { messages } from '../../../auth/pages/messages.ts';
import type { FormRefusal } from '../csrf.ts';
import type { ProblemStatus } from '../problems.ts';
import { type Html, renderPage, type Site } from './layout.ts';

export type ErrorDetails = {
  /** Named on the page, so that a report finds its log line. */
  readonly requestId?: string;
  readonly retryAfterSeconds?: number;
  readonly formRefusal?: FormRefusal;
  /** Where the start page is, if not on the host that was asked. */
  readonly origin?: string;
};

/** The page for a request that ends badly: what happened, and what to do now. It needs no database. */
export function errorPage(site: Site, status: ProblemStatus, details: ErrorDetails = {}): Html {
  const { requestId, retryAfterSeconds, formRefusal, origin } = details;
  const [title, explanation] =
    formRefusal === undefined ? messages.errors[status] : messages.errors.refusedForm[formRefusal];
  const body = html`<section class="card error">
<p class="status">${status}</p>
<h1>${title}</h1>
<p>${explanation}</p>
${retryAfterSeconds === undefined ? '' : html`<p><strong>${messages.errors.retrySeconds(retryAfterSeconds)}</strong></p>`}
${requestId === undefined ? '' : html`<p class="hint">${messages.errors.requestId} <code>${requestId}</code></p>`}
<p class="elsewhere"><a href="${origin ?? ''}/">${origin ?? messages.errors.back}</a></p>
</section>`;
  return renderPage(site, { title, body, flash: [], signedInAs: null, width: 'narrow' });
}
