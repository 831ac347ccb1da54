import { html } from 'hono/html';
import { NEW_PASSWORD, newPasswordField } from '../../auth/pages/credential-fields.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import type { TooManyNotice } from '../../platform/rate-limit/too-many-answer.ts';
import {
  csrfField,
  field,
  formProblems,
  isListed,
  knownUsername,
  linkLine,
  submitButton,
} from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { type PasswordRefusal, refusalInWords } from '../passwords/index.ts';

/** What is wrong with each field; a field that is right is not there. */
export type PasswordProblems = {
  readonly current?: 'missing' | 'refused' | TooManyNotice;
  readonly new?: PasswordRefusal;
};

export type PasswordForm = {
  readonly csrf: string;
  readonly username: string;
  /** Whether the current password was given just now, so that nobody is asked for it again. */
  readonly isProven: boolean;
  /** Whether the account has none until now. */
  readonly isFirst: boolean;
  readonly problems: PasswordProblems;
  readonly minimumCodePoints: number;
};

const text = messages.passwordChange;

const CURRENT = { name: 'current-password', label: text.current };
const NEW = { name: NEW_PASSWORD, label: text.new };

export function passwordForm(form: PasswordForm): Html {
  const { csrf, username, isProven, isFirst, problems } = form;
  const wrong = {
    current: { ...CURRENT, problem: problems.current === 'missing' ? text.currentMissing : null },
    new: { ...NEW, problem: problems.new === undefined ? null : refusalInWords(problems.new) },
  };
  const list = [wrong.current, wrong.new];
  const isCurrentFirst = !isProven && (problems.current !== undefined || problems.new === undefined);
  return html`<section class="card">
<h1>${isFirst ? text.firstTitle : text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblems(wholeProblem(problems.current), list)}
<form method="post" action="/account/password" novalidate>
${csrfField(csrf)}
${knownUsername(username)}
${isProven ? '' : currentField(wrong.current.problem, isCurrentFirst && !isListed(list))}
${newPasswordField({
  label: NEW.label,
  problem: wrong.new.problem,
  minimumCodePoints: form.minimumCodePoints,
  isFocused: !isCurrentFirst && !isListed(list),
})}
${submitButton(isFirst ? text.firstButton : text.button)}
</form>
${isProven ? '' : linkLine('', { path: paths.forgotPassword, label: messages.login.forgotten })}
<p class="elsewhere"><a href="${paths.account}">${messages.account.back}</a></p>
</section>`;
}

function wholeProblem(problem: PasswordProblems['current']): string | null {
  if (problem === 'refused') return text.refused;
  return problem === undefined || problem === 'missing' ? null : problem.text;
}

function currentField(problem: string | null, isFocused: boolean): Html {
  return field({
    ...CURRENT,
    type: 'password',
    autocomplete: 'current-password',
    problem,
    isFocused,
  });
}
