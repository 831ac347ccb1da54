import { html } from 'hono/html';
import type { PageLink } from '../../auth/feature.ts';
import { whoField } from '../../auth/pages/credential-fields.ts';
import { messages } from '../../auth/pages/messages.ts';
import { type SignInButton, signInButtons } from '../../auth/pages/sign-in-buttons.ts';
import type { TooManyNotice } from '../../auth/pages/too-many-notice.ts';
import { paths } from '../../auth/paths.ts';
import { withNext } from '../../platform/web/next-path.ts';
import {
  checkbox,
  csrfField,
  field,
  formProblem,
  hiddenField,
  linkLine,
  submitButton,
} from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { english } from '../../platform/words/words.ts';

/** Why the form is shown again. `refused` says nothing about which part was wrong (A01). */
export type LoginProblem =
  | { readonly kind: 'refused' | 'username-missing' | 'password-missing' }
  | { readonly kind: 'too-many'; readonly notice: TooManyNotice };

export type LoginForm = {
  readonly csrf: string;
  /** What was typed before. */
  readonly username: string;
  readonly isRemembered: boolean;
  readonly next: string | null;
  readonly problem: LoginProblem | null;
  readonly canRegister: boolean;
  /** Links to other sign-in methods. */
  readonly links: readonly PageLink[];
  readonly buttons: readonly SignInButton[];
};

export function loginForm(form: LoginForm): Html {
  const { csrf, username, isRemembered, next, problem, canRegister } = form;
  const text = messages.login;
  const kind = problem?.kind;
  return html`<section class="card">
<h1>${text.title}</h1>
${formProblem(wholeProblem(problem))}
<form method="post" action="/login" novalidate>
${csrfField(csrf)}${hiddenField('next', next)}
${whoField(english.words, { username, problem: kind === 'username-missing' ? text.usernameMissing : null, isFocused: username === '' })}
${field({
  name: 'password',
  label: messages.fields.password,
  type: 'password',
  autocomplete: 'current-password',
  problem: kind === 'password-missing' ? text.passwordMissing : null,
  isFocused: username !== '',
})}
${problem?.kind === 'too-many' ? problem.notice.challenge : ''}
${checkbox({ name: 'remember', label: text.remember, hint: text.rememberHint, isChecked: isRemembered })}
${submitButton(text.button)}
</form>
${signInButtons({ buttons: form.buttons, csrf, next })}
${form.links.map(({ path, label }) => linkLine('', { path: withNext(path, next), label }))}
${linkLine('', { path: paths.forgotPassword, label: text.forgotten })}
${canRegister ? linkLine(text.noAccount, { path: withNext(paths.register, next), label: text.register }) : ''}
</section>`;
}

function wholeProblem(problem: LoginProblem | null): string | null {
  if (problem?.kind === 'too-many') return problem.notice.text;
  return problem?.kind === 'refused' ? messages.login.refused : null;
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
