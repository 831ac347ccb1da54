import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { fieldWords } from '../../auth/words.ts';
import {
  csrfField,
  field,
  formProblem,
  type Page,
  quietButton,
  submitButton,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { pageWords, stepWords } from './words.ts';

export function codesView(words: Wording, form: FormView, { left }: { readonly left: number }): Page {
  const text = words(pageWords);
  const remove = html`<form method="post" action="${form.path}">${csrfField(form.csrf)}<input type="hidden" name="remove" value="on">${quietButton(text.remove)}</form>`;
  return {
    title: text.title,
    body: html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblem(form.problem)}
<p>${text.left(left)}</p>
<form method="post" action="${form.path}">${csrfField(form.csrf)}${submitButton(text.create)}</form>
${left > 0 ? remove : ''}
<p class="elsewhere"><a href="${paths.account}">${words(fieldWords).backToAccount}</a></p>
</section>`,
  };
}

/** The one page that shows the codes. */
export function createdCodes(words: Wording, codes: readonly string[]): Page {
  const text = words(pageWords);
  return {
    title: text.created,
    body: html`<section class="card">
<h1>${text.created}</h1>
<p class="lead">${text.keep}</p>
<ul>${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
<p class="elsewhere"><a href="${paths.account}">${words(fieldWords).backToAccount}</a></p>
</section>`,
  };
}

export function stepView(
  words: Wording,
  form: FormView<'code'>,
  { username }: { readonly username: string },
): Page {
  const text = words(stepWords);
  return {
    title: text.title,
    body: html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
${formProblem(form.problem)}
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}
${field(words, { name: 'code', label: text.code, type: 'text', autocomplete: 'one-time-code', problem: form.problemOf('code'), isFocused: true })}
${form.challenge}
${submitButton(text.button)}
</form>
<form class="elsewhere" method="post" action="${paths.cancelSignIn}">${csrfField(form.csrf)}${quietButton(text.cancel)}</form>
</section>`,
  };
}
