import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import type { SignInButton } from '../../auth/slots.ts';
import { fieldWords } from '../../auth/words.ts';
import {
  csrfField,
  field,
  focusedField,
  formProblems,
  type Html,
  hiddenField,
  linkLine,
  type Page,
  submitButton,
  trapField,
  withNext,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { newPasswordWords } from '../passwords/index.ts';
import { signInButtons } from '../sign-in/index.ts';
import type { RegistrationVisit } from './registrar.ts';
import { OPENED_FIELD } from './robots.ts';
import { registrationWords } from './words.ts';

export type RegistrationPage = RegistrationVisit & {
  readonly needsEmail: boolean;
  readonly minimumCodePoints: number;
  readonly buttons: readonly SignInButton[];
};

type RegistrationForm = FormView<'username' | 'email' | 'password'>;

export function registrationView(words: Wording, form: RegistrationForm, page: RegistrationPage): Page {
  const text = words(registrationWords);
  const labels = words(fieldWords);
  const { csrf } = form;
  const { next, invitation, buttons } = page;
  const wrong = (['username', 'email', 'password'] as const).map((name) => ({
    name,
    label: labels[name],
    problem: form.problemOf(name),
  }));
  const focused = focusedField(wrong, 'username');
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${leadFor(words, page)}</p>
${formProblems(words, form.problem, wrong)}
<form method="post" action="${form.path}" novalidate>
${csrfField(csrf)}${hiddenField(OPENED_FIELD, page.opened)}${hiddenField('next', next)}
${drawNameFields(words, form, page, focused)}
${field(words, {
  name: 'password',
  label: labels.password,
  type: 'password',
  autocomplete: 'new-password',
  hint: words(newPasswordWords).hint(page.minimumCodePoints),
  problem: form.problemOf('password'),
  isFocused: focused === 'password',
})}
${form.hasTrap ? trapField(words) : ''}
${form.challenge}
${submitButton(text.button)}
</form>
${signInButtons(words, { buttons, csrf, next, registration: invitation?.flow ?? '' })}
${invitation === null || invitation.isNeeded ? '' : html`<p class="elsewhere"><a href="${withNext(paths.register, next)}">${text.withoutInvitation}</a></p>`}
${linkLine(text.haveAccount, { path: withNext(paths.login, next), label: text.signIn })}
</section>`;
  return { title: text.title, body };
}

type NameFields = Pick<RegistrationPage, 'invitation' | 'asksForEmail' | 'needsEmail'> & {
  /** What the address is for, where that is not what it is for beside a password. */
  readonly emailHint?: string | null;
};

/** The fields for the names of a new account. */
export function drawNameFields(
  words: Wording,
  form: FormView<'username' | 'email'>,
  page: NameFields,
  focused: string | null,
): Html {
  return html`${field(words, {
    name: 'username',
    label: words(fieldWords).username,
    type: 'text',
    autocomplete: 'username',
    value: form.value('username'),
    hint: words(registrationWords).usernameHint,
    problem: form.problemOf('username'),
    isFocused: focused === 'username',
  })}
${page.asksForEmail ? emailField(words, form, page, focused === 'email') : ''}`;
}

function leadFor(words: Wording, { invitation, needsEmail }: RegistrationPage): string {
  const text = words(registrationWords);
  if (invitation === null) return needsEmail ? text.requiredEmailLead : text.lead;
  return invitation.isForAddress ? text.invitedAddressLead : text.invitedLead;
}

function emailField(
  words: Wording,
  form: FormView<'username' | 'email'>,
  { invitation, needsEmail, emailHint = null }: NameFields,
  isFocused: boolean,
): Html {
  const text = words(registrationWords);
  const isForAddress = invitation?.isForAddress === true;
  return field(words, {
    name: 'email',
    label: words(fieldWords).email,
    type: 'email',
    autocomplete: 'email',
    value: form.value('email'),
    hint: isForAddress
      ? text.invitedEmailHint
      : (emailHint ?? (needsEmail ? text.requiredEmailHint : text.emailHint)),
    problem: form.problemOf('email'),
    isOptional: !isForAddress && !needsEmail,
    isFocused,
  });
}
