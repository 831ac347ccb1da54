import { html } from 'hono/html';
import {
  checkbox,
  csrfField,
  field,
  formProblem,
  hiddenField,
  linkLine,
  submitButton,
} from '../../core/pages/form.ts';
import type { Html } from '../../core/pages/layout.ts';
import { messages } from '../../core/pages/messages.ts';
import { paths, withNext } from '../../core/paths.ts';

/** Why the form is shown again. `refused` says nothing about which part was wrong (A01). */
export type LoginProblem = { readonly kind: 'refused' | 'username-missing' | 'password-missing' };

export type LoginForm = {
  readonly csrf: string;
  /** What was typed before. */
  readonly username: string;
  readonly isRemembered: boolean;
  readonly next: string | null;
  readonly problem: LoginProblem | null;
  readonly canRegister: boolean;
};

export function loginForm(form: LoginForm): Html {
  const { csrf, username, isRemembered, next, problem, canRegister } = form;
  const text = messages.login;
  const kind = problem?.kind;
  return html`<section class="card">
<h1>${text.title}</h1>
${formProblem(kind === 'refused' ? text.refused : null)}
<form method="post" action="/login" novalidate>
${csrfField(csrf)}${hiddenField('next', next)}
${field({
  name: 'username',
  label: messages.fields.usernameOrEmail,
  type: 'text',
  autocomplete: 'username',
  value: username,
  problem: kind === 'username-missing' ? text.usernameMissing : null,
  isFocused: username === '',
})}
${field({
  name: 'password',
  label: messages.fields.password,
  type: 'password',
  autocomplete: 'current-password',
  problem: kind === 'password-missing' ? text.passwordMissing : null,
  isFocused: username !== '',
})}
${checkbox({ name: 'remember', label: text.remember, hint: text.rememberHint, isChecked: isRemembered })}
${submitButton(text.button)}
</form>
${canRegister ? linkLine(text.noAccount, { path: withNext(paths.register, next), label: text.register }) : ''}
</section>`;
}

export function logoutForm({ csrf, username }: { readonly csrf: string; readonly username: string }): Html {
  const text = messages.logout;
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.question(username)}</p>
<form method="post" action="/logout">${csrfField(csrf)}${submitButton(text.button)}</form>
<p class="elsewhere"><a href="${paths.home}">${text.stay}</a></p>
</section>`;
}
