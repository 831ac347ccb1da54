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
import { type OtherWay, otherWays } from '../../core/pages/other-ways.ts';
import { paths } from '../../core/paths.ts';
import type { TooManyNotice } from '../../core/throttle/too-many-answer.ts';

export type ConfirmProblem = 'missing' | 'refused' | TooManyNotice;

export type ConfirmForm = {
  readonly csrf: string;
  readonly username: string;
  readonly next: string | null;
  readonly problem: ConfirmProblem | null;
  readonly hasPassword: boolean;
  /** Sites that can have them prove it. */
  readonly otherWays: readonly OtherWay[];
};

export function confirmForm(form: ConfirmForm): Html {
  const { csrf, username, next, problem, hasPassword, otherWays: ways } = form;
  const text = messages.confirm;
  const lead = hasPassword ? text.lead(username) : messages.externalSignIn.confirm.lead(username);
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${lead}</p>
${formProblem(wholeProblem(problem))}
${hasPassword ? passwordForm(form) : ''}
${otherWays({ ways, csrf, next })}
${hasPassword ? '' : signInAgain(ways.length > 0)}
<p class="elsewhere"><a href="${paths.home}">${text.stay}</a></p>
</section>`;
}

function passwordForm({ csrf, username, next, problem }: ConfirmForm): Html {
  return html`<form method="post" action="/account/confirm" novalidate>
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
${submitButton(messages.confirm.button)}
</form>`;
}

/** @param isSecondWay whether there is another one */
function signInAgain(isSecondWay: boolean): Html {
  const text = messages.externalSignIn.confirm;
  return html`<p>${isSecondWay ? text.orSignInAgain : text.signInAgain}</p>
<p class="elsewhere"><a href="${paths.logout}">${text.signOut}</a></p>`;
}

function wholeProblem(problem: ConfirmProblem | null): string | null {
  if (problem === 'refused') return messages.confirm.refused;
  return problem === null || problem === 'missing' ? null : problem.text;
}
