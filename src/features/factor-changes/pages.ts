import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { csrfField, dangerousButton, type Page } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { undoWords } from './words.ts';

type Label = (words: Wording) => string;

export type UndoPage = {
  readonly username: string;
  readonly removed: readonly Label[];
  readonly restored: readonly Label[];
  /** Whether the link was sent to the address that the account has now. */
  readonly isCurrent: boolean;
};

export function undoView(
  words: Wording,
  form: FormView<never>,
  { username, removed, restored, isCurrent }: UndoPage,
): Page {
  const text = words(undoWords);
  const effects = [
    ...restored.map((label) => text.restored(label(words))),
    ...removed.map((label) => text.removed(label(words))),
  ];
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
<ul>${effects.map((effect) => html`<li>${effect}</li>`)}</ul>
<p>${isCurrent ? text.consequences : text.consequencesElsewhere}</p>
<form method="post" action="${form.path}">${csrfField(form.csrf)}${dangerousButton(text.button)}</form>
<p class="elsewhere">${text.itWasYou}</p>
</section>`;
  return { title: text.title, body };
}
