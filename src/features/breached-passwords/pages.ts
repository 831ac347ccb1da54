import { html } from 'hono/html';
import { newPasswordField } from '../../auth/pages/credential-fields.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import {
  csrfField,
  formProblem,
  knownUsername,
  quietButton,
  submitButton,
} from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { english } from '../../platform/words/index.ts';
import { type PasswordRefusal, refusalInWords } from '../passwords/index.ts';

export type NewPasswordForm = {
  readonly csrf: string;
  readonly username: string;
  readonly problem: PasswordRefusal | null;
  readonly minimumCodePoints: number;
};

export function newPasswordForm({ csrf, username, problem, minimumCodePoints }: NewPasswordForm): Html {
  const text = messages.breachedPassword;
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
<p>${text.elsewhere}</p>
${formProblem(null)}
<form method="post" action="/login/new-password" novalidate>
${csrfField(csrf)}
${knownUsername(username)}
${newPasswordField(english.words, {
  label: messages.newPassword.label,
  problem: problem === null ? null : refusalInWords(problem),
  minimumCodePoints,
  isFocused: true,
})}
${submitButton(text.button)}
</form>
<form class="elsewhere" method="post" action="${paths.cancelSignIn}">${csrfField(csrf)}${quietButton(text.cancel)}</form>
</section>`;
}
