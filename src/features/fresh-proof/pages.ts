import { html } from 'hono/html';
import { codeField } from '../../auth/pages/credential-fields.ts';
import { signInFieldWords } from '../../auth/pages/field-words.ts';
import { messages } from '../../auth/pages/messages.ts';
import { type SignInButton, signInButtons } from '../../auth/pages/sign-in-buttons.ts';
import type { TooManyNotice } from '../../auth/pages/too-many-notice.ts';
import { paths } from '../../auth/paths.ts';
import {
  csrfField,
  field,
  formProblem,
  hiddenField,
  knownUsername,
  linkLine,
  quietButton,
  submitButton,
} from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { english } from '../../platform/words/words.ts';
import type { MailOffer } from './mailed-code.ts';

/** What is wrong with the password, with the code, or with the whole. */
export type ConfirmProblem = 'missing' | 'refused' | { readonly code: string } | TooManyNotice;

export type ConfirmForm = {
  readonly csrf: string;
  readonly username: string;
  readonly next: string | null;
  readonly problem: ConfirmProblem | null;
  readonly hasPassword: boolean;
  /** Sites that can have them prove it. */
  readonly buttons: readonly SignInButton[];
  readonly mail: MailOffer;
};

export function confirmForm(form: ConfirmForm): Html {
  const { csrf, username, next, problem, hasPassword, buttons, mail } = form;
  const text = messages.confirm;
  const lead = hasPassword ? text.lead(username) : messages.externalSignIn.confirm.lead(username);
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${lead}</p>
${formProblem(wholeProblem(problem))}
${hasPassword ? passwordForm(form) : ''}
${signInButtons(english.words, { buttons, csrf, next })}
${hasPassword ? linkLine('', { path: paths.forgotPassword, label: signInFieldWords.english.forgottenPassword }) : ''}
${mail === null ? '' : mailForm(form, mail)}
${hasPassword || mail !== null ? '' : signInAgain(buttons.length > 0)}
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
  problem: problem === 'missing' ? signInFieldWords.english.passwordMissing : null,
  isFocused: true,
})}
${submitButton(messages.confirm.button)}
</form>`;
}

/** Stands there alone: a password or a provider that can be asked is stronger. */
function mailForm({ csrf, next, problem }: ConfirmForm, { address, isSent }: NonNullable<MailOffer>): Html {
  const text = messages.confirm.mail;
  const again = html`<form class="elsewhere" method="post" action="/account/confirm-by-mail">${csrfField(csrf)}${hiddenField('next', next)}${isSent ? quietButton(text.again) : submitButton(text.send)}</form>`;
  if (!isSent) return html`<p>${text.lead} <bdi>${address}</bdi></p>${again}`;
  const isOfCode = problem !== null && typeof problem === 'object' && 'code' in problem;
  return html`<p>${text.sentTo} <bdi>${address}</bdi></p>
<form method="post" action="/account/confirm-by-mail/code" novalidate>
${csrfField(csrf)}${hiddenField('next', next)}
${codeField(english.words, isOfCode ? problem.code : null)}
${submitButton(messages.confirm.button)}
</form>
${again}`;
}

/** @param isSecondWay whether there is another one */
function signInAgain(isSecondWay: boolean): Html {
  const text = messages.externalSignIn.confirm;
  return html`<p>${isSecondWay ? text.orSignInAgain : text.signInAgain}</p>
<p class="elsewhere"><a href="${paths.logout}">${text.signOut}</a></p>`;
}

function wholeProblem(problem: ConfirmProblem | null): string | null {
  if (problem === 'refused') return messages.confirm.refused;
  return problem === null || problem === 'missing' || 'code' in problem ? null : problem.text;
}
