import { html } from 'hono/html';
import {
  csrfField,
  field,
  formProblem,
  hiddenField,
  knownUsername,
  submitButton,
} from '../../core/pages/form.ts';
import type { Html } from '../../core/pages/layout.ts';
import { messages } from '../../core/pages/messages.ts';
import { paths } from '../../core/paths.ts';

export type ConfirmProblem = 'missing' | 'refused';

export type ConfirmForm = {
  readonly csrf: string;
  readonly username: string;
  readonly next: string | null;
  readonly problem: ConfirmProblem | null;
};

export function confirmForm({ csrf, username, next, problem }: ConfirmForm): Html {
  const text = messages.confirm;
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
${formProblem(problem === 'refused' ? text.refused : null)}
<form method="post" action="/account/confirm" novalidate>
${csrfField(csrf)}${hiddenField('next', next)}
${knownUsername(username)}
${field({
  name: 'password',
  label: messages.fields.password,
  type: 'password',
  autocomplete: 'current-password',
  problem: problem === 'missing' ? messages.login.passwordMissing : null,
  isFocused: true,
})}
${submitButton(text.button)}
</form>
<p class="elsewhere"><a href="${paths.home}">${text.stay}</a></p>
</section>`;
}
