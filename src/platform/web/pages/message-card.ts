import { html } from 'hono/html';
import type { Page } from '../page-answers.ts';

/** A page that says one thing, and perhaps where to go on. */
export type MessageCard = {
  readonly title: string;
  readonly text: string;
  readonly link?: { readonly path: string; readonly label: string };
};

/** A message as a page of its own. */
export function messagePage({ title, text, link }: MessageCard): Page {
  const body = html`<section class="card">
<h1>${title}</h1>
<p>${text}</p>
${link === undefined ? '' : html`<p class="elsewhere"><a href="${link.path}">${link.label}</a></p>`}
</section>`;
  return { title, body };
}
