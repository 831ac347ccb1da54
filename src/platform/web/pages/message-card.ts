import { html } from 'hono/html';
import type { Page } from '../page-answers.ts';
import type { Html } from './layout.ts';

/** A page that says one thing, and perhaps where to go on. */
export type MessageCard = {
  readonly title: string;
  readonly text: string;
  readonly link?: { readonly path: string; readonly label: string };
};

export function messageCard({ title, text, link }: MessageCard): Html {
  return html`<section class="card">
<h1>${title}</h1>
<p>${text}</p>
${link === undefined ? '' : html`<p class="elsewhere"><a href="${link.path}">${link.label}</a></p>`}
</section>`;
}

/** The same as a page of its own. */
export function messagePage(card: MessageCard): Page {
  return { title: card.title, body: messageCard(card) };
}
