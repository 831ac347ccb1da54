import { html } from 'hono/html';
import type { Page } from '../page-answers.ts';
import type { Html } from './layout.ts';

export type Fact = readonly [term: string, value: Html];

/** A card on a wide page, under its own heading. */
export function panel(title: string, content: Html): Html {
  return html`<section class="card">
<h2>${title}</h2>
${content}
</section>`;
}

/** Terms with their values, one per line. */
export function facts(list: readonly Fact[]): Html {
  return html`<dl>${list.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A card with a message, and perhaps a link. */
export type MessageCard = {
  readonly title: string;
  readonly text: string;
  readonly link?: { readonly path: string; readonly label: string };
};

export function messagePage({ title, text, link }: MessageCard): Page {
  const body = html`<section class="card">
<h1>${title}</h1>
<p>${text}</p>
${link === undefined ? '' : html`<p class="elsewhere"><a href="${link.path}">${link.label}</a></p>`}
</section>`;
  return { title, body };
}
