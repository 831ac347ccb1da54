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
import type { TooManyNotice } from '../../core/throttle/too-many-answer.ts';

export type ConfirmProblem = 'missing' | 'refused' | TooManyNotice;

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
${formProblem(wholeProblem(problem))}
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

function wholeProblem(problem: ConfirmProblem | null): string | null {
  if (problem === 'refused') return messages.confirm.refused;
  return problem === null || problem === 'missing' ? null : problem.text;
}
