import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { csrfField, formProblem, type Page, quietButton, submitButton } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { knownUsername, newPasswordField, newPasswordWords } from '../passwords/index.ts';
import { breachedPasswordWords } from './words.ts';

export type NewPasswordPage = { readonly username: string; readonly minimumCodePoints: number };

export function newPasswordView(
  words: Wording,
  form: FormView<'newPassword'>,
  { username, minimumCodePoints }: NewPasswordPage,
): Page {
  const text = words(breachedPasswordWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
<p>${text.elsewhere}</p>
${formProblem(form.problem)}
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}
${knownUsername(username)}
${newPasswordField(words, {
  label: words(newPasswordWords).label,
  problem: form.problemOf('newPassword'),
  minimumCodePoints,
  isFocused: true,
})}
${submitButton(text.button)}
</form>
<form class="elsewhere" method="post" action="${paths.cancelSignIn}">${csrfField(form.csrf)}${quietButton(text.cancel)}</form>
</section>`;
  return { title: text.title, body };
}
