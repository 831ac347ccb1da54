import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import type { LinkedCredential } from '../../auth/required-steps/sign-in-step.ts';
import {
  agoText,
  checkbox,
  csrfField,
  formProblem,
  type Html,
  momentText,
  type Page,
  submitButton,
  trapField,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { knownUsername, newPasswordField, newPasswordWords } from '../passwords/index.ts';
import { loginNameField } from '../sign-in/index.ts';
import { resetRequestWords, resetWords } from './words.ts';

export function requestView(words: Wording, form: FormView<'username'>): Page {
  const text = words(resetRequestWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblem(form.problem)}
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}
${loginNameField(words, {
  username: form.value('username'),
  problem: form.problemOf('username'),
  isFocused: true,
})}
${form.challenge}
${submitButton(text.button)}
</form>
<p class="elsewhere"><a href="${paths.login}">${text.back}</a></p>
</section>`;
  return { title: text.title, body };
}

export type ResetPage = {
  readonly username: string;
  readonly minimumCodePoints: number;
  /** The added sign-in methods of the account, of which the user chooses those that stay. */
  readonly methods: readonly LinkedCredential[];
  /** Milliseconds of UTC. */
  readonly now: number;
};

/** The field by which an added sign-in method stays; what is not ticked is removed. */
export function keepField(id: string): `keep-${string}` {
  return `keep-${id}`;
}

type ResetForm = FormView<'newPassword' | `keep-${string}`>;

export function resetView(words: Wording, form: ResetForm, page: ResetPage): Page {
  const text = words(resetWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(page.username)}</p>
${formProblem(form.problem)}
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}
${knownUsername(page.username)}
${newPasswordField(words, {
  label: words(newPasswordWords).label,
  problem: form.problemOf('newPassword'),
  minimumCodePoints: page.minimumCodePoints,
  isFocused: true,
})}
${methodChoice(words, form, page)}
${form.hasTrap ? trapField(words) : ''}
${submitButton(text.button)}
</form>
<p class="elsewhere">${text.notYours}</p>
</section>`;
  return { title: text.title, body };
}

/** At first, those are ticked that belong to the owner of the confirmed address. */
function methodChoice(words: Wording, form: ResetForm, { methods, now }: ResetPage): Html {
  const text = words(resetWords);
  if (methods.length === 0) return html``;
  return html`<fieldset>
<legend>${text.otherWays}</legend>
<p>${text.keepHint}</p>
${methods.map(({ id, label, handle, addedAt, lastUsedAt, provesAddress }) =>
  checkbox({
    name: keepField(id),
    label: text.keep(label, handle),
    hint: text.since(
      momentText(words, addedAt),
      lastUsedAt === null ? null : agoText(words, lastUsedAt, now),
    ),
    isChecked: form.isSent ? form.value(keepField(id)) !== '' : provesAddress,
  }),
)}
</fieldset>`;
}
