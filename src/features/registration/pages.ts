import { html } from 'hono/html';
import { csrfField, field, hiddenField, linkLine, submitButton } from '../../core/pages/form.ts';
import type { Html } from '../../core/pages/layout.ts';
import { messages } from '../../core/pages/messages.ts';
import { paths, withNext } from '../../core/paths.ts';
import { refusalInWords } from '../passwords/index.ts';
import type { RegistrationProblems, Typed } from './fields.ts';

export type RegistrationForm = {
  readonly csrf: string;
  readonly typed: Typed;
  readonly next: string | null;
  readonly problems: RegistrationProblems;
  readonly asksForEmail: boolean;
  readonly minimumCodePoints: number;
};

const text = messages.register;

export function registrationForm(form: RegistrationForm): Html {
  const { csrf, typed, next, problems } = form;
  const first = firstProblem(problems);
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
<form method="post" action="/register" novalidate>
${csrfField(csrf)}${hiddenField('next', next)}
${field({
  name: 'username',
  label: messages.fields.username,
  type: 'text',
  autocomplete: 'username',
  value: typed.username,
  hint: text.usernameHint,
  problem: problems.username === undefined ? null : text.username[problems.username],
  isFocused: first === 'username' || first === null,
})}
${form.asksForEmail ? emailField(typed.email, problems.email, first === 'email') : ''}
${field({
  name: 'password',
  label: messages.fields.password,
  type: 'password',
  autocomplete: 'new-password',
  hint: messages.newPassword.hint(form.minimumCodePoints),
  problem: problems.password === undefined ? null : refusalInWords(problems.password),
  isFocused: first === 'password',
})}
${submitButton(text.button)}
</form>
${linkLine(text.haveAccount, { path: withNext(paths.login, next), label: text.signIn })}
</section>`;
}

/** The page where registration is closed. */
export function closedPage(): Html {
  return html`<section class="card">
<h1>${text.closedTitle}</h1>
<p>${text.closed}</p>
<p class="elsewhere"><a href="${paths.login}">${text.signIn}</a></p>
</section>`;
}

function emailField(value: string, problem: RegistrationProblems['email'], isFocused: boolean): Html {
  return field({
    name: 'email',
    label: messages.fields.email,
    type: 'email',
    autocomplete: 'email',
    value,
    hint: text.emailHint,
    problem: problem === undefined ? null : text.email[problem],
    isOptional: true,
    isFocused,
  });
}

function firstProblem(problems: RegistrationProblems): keyof RegistrationProblems | null {
  const order = ['username', 'email', 'password'] as const;
  return order.find((name) => problems[name] !== undefined) ?? null;
}
