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
import { OPENED_FIELD } from './robots.ts';
import { registrationWords } from './words.ts';

export type RegistrationPage = {
  /** The stamp of the moment at which it is drawn. */
  readonly opened: string;
  /** The page that the user wants next. */
  readonly next: string | null;
  /** The invitation that it is drawn for. */
  readonly invitation: {
    readonly isForAddress: boolean;
    /** Whether an account is made by invitation only. */
    readonly isNeeded: boolean;
  } | null;
  readonly asksForEmail: boolean;
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
${field(words, {
  name: 'username',
  label: labels.username,
  type: 'text',
  autocomplete: 'username',
  value: form.value('username'),
  hint: text.usernameHint,
  problem: form.problemOf('username'),
  isFocused: focused === 'username',
})}
${page.asksForEmail ? emailField(words, form, page, focused === 'email') : ''}
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
${signInButtons(words, { buttons, csrf, next })}
${invitation === null || invitation.isNeeded ? '' : html`<p class="elsewhere"><a href="${withNext(paths.register, next)}">${text.withoutInvitation}</a></p>`}
${linkLine(text.haveAccount, { path: withNext(paths.login, next), label: text.signIn })}
</section>`;
  return { title: text.title, body };
}

function leadFor(words: Wording, { invitation, needsEmail }: RegistrationPage): string {
  const text = words(registrationWords);
  if (invitation === null) return needsEmail ? text.requiredEmailLead : text.lead;
  return invitation.isForAddress ? text.invitedAddressLead : text.invitedLead;
}

function emailField(
  words: Wording,
  form: RegistrationForm,
  { invitation, needsEmail }: RegistrationPage,
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
    hint: isForAddress ? text.invitedEmailHint : needsEmail ? text.requiredEmailHint : text.emailHint,
    problem: form.problemOf('email'),
    isOptional: !isForAddress && !needsEmail,
    isFocused,
  });
}
