import { html } from 'hono/html';
import { csrfField, type Html, hiddenField } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { signInButtonWords } from './field-words.ts';

/** A button that starts a sign-in at an identity provider. */
export type SignInButton = {
  /** Where its button posts to. */
  readonly path: string;
  /** The name of the provider. */
  readonly label: string;
};

type Buttons = {
  readonly buttons: readonly SignInButton[];
  readonly csrf: string;
  /** The page that the user wants next. */
  readonly next: string | null;
};

/** A button for each of them, below a form; nothing where there are none. */
export function signInButtons(words: Wording, { buttons, csrf, next }: Buttons): Html | '' {
  if (buttons.length === 0) return '';
  const text = words(signInButtonWords);
  return html`<div class="ways">
<p>${text.or}</p>
${buttons.map(({ path, label }) => html`<form method="post" action="${path}">${csrfField(csrf)}${hiddenField('next', next)}<button class="quiet" type="submit">${text.continueWith(label)}</button></form>`)}
</div>`;
}
