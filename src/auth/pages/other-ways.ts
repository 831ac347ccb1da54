import { html } from 'hono/html';
import { csrfField, hiddenField } from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { messages } from './messages.ts';

/** Another site that somebody may go to, instead of giving a password here. */
export type OtherWay = {
  /** Where its button posts to. */
  readonly path: string;
  /** What the site is called. */
  readonly label: string;
};

type OtherWays = {
  readonly ways: readonly OtherWay[];
  readonly csrf: string;
  /** Where the person wants to go. */
  readonly next: string | null;
};

/** A button for each of them, below a form; nothing where there are none. */
export function otherWays({ ways, csrf, next }: OtherWays): Html | '' {
  if (ways.length === 0) return '';
  return html`<div class="ways">
<p>${messages.externalSignIn.or}</p>
${ways.map(({ path, label }) => html`<form method="post" action="${path}">${csrfField(csrf)}${hiddenField('next', next)}<button class="quiet" type="submit">${messages.externalSignIn.goOnWith(label)}</button></form>`)}
</div>`;
}
