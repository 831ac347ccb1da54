import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** A term and what stands for it. */
export type Fact = readonly [term: string, value: Html];

/** A card on a wide page, under its own heading. */
export function panel(title: string, content: Html): Html {
  return html`<section class="card">
<h2>${title}</h2>
${content}
</section>`;
}

/** Terms with their values, one a line. */
export function facts(list: readonly Fact[]): Html {
  return html`<dl>${list.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}
