import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import {
  csrfField,
  formProblem,
  hiddenField,
  type Page,
  submitButton,
  withNext,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { codeField, codeFieldWords } from '../requested-mail/index.ts';
import { loginNameField, rememberField } from '../sign-in/index.ts';
import { codeWords, linkWords, requestWords } from './words.ts';

export type RequestPage = {
  /** The page that the user wants next. */
  readonly next: string | null;
};

export function requestView(
  words: Wording,
  form: FormView<'username' | 'remember'>,
  { next }: RequestPage,
): Page {
  const text = words(requestWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblem(form.problem)}
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}${hiddenField('next', next)}
${loginNameField(words, {
  username: form.value('username'),
  problem: form.problemOf('username'),
  isFocused: true,
})}
${form.challenge}
${rememberField(words, form.value('remember') !== '')}
${submitButton(text.button)}
</form>
<p class="elsewhere"><a href="${withNext(paths.login, next)}">${text.back}</a></p>
</section>`;
  return { title: text.title, body };
}

/** Waiting does not help against too many wrong codes: they are of one mail. */
export function codeView(words: Wording, form: FormView<'code'>): Page {
  const text = words(codeWords);
  const problem = form.hasReason('too-many') ? text.codeVoid : form.problemOf('code');
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblem(null)}
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}
${codeField(words, problem)}
${submitButton(text.button)}
</form>
<p class="elsewhere">${words(codeFieldWords).notArrived} <a href="/login/link">${text.again}</a></p>
</section>`;
  return { title: text.title, body };
}

export type LinkPage = { readonly username: string };

export function linkView(words: Wording, form: FormView<never>, { username }: LinkPage): Page {
  const text = words(linkWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
<form method="post" action="${form.path}">${csrfField(form.csrf)}${submitButton(text.button)}</form>
<p class="elsewhere">${text.notYours}</p>
</section>`;
  return { title: text.title, body };
}
