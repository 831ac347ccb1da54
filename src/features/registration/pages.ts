import { html } from 'hono/html';
import { messages } from '../../auth/pages/messages.ts';
import { type SignInButton, signInButtons } from '../../auth/pages/sign-in-buttons.ts';
import { paths } from '../../auth/paths.ts';
import type { TooManyNotice } from '../../platform/rate-limit/index.ts';
import { withNext } from '../../platform/web/next-path.ts';
import {
  csrfField,
  type FieldProblem,
  field,
  formProblems,
  hiddenField,
  isListed,
  linkLine,
  submitButton,
  trapField,
} from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { messageCard } from '../../platform/web/pages/message-card.ts';
import { english } from '../../platform/words/index.ts';
import { refusalInWords } from '../passwords/index.ts';
import type { RegistrationProblems, Typed } from './fields.ts';
import type { EntryRefusal } from './invitation.ts';
import { type Impression, OPENED_FIELD } from './robots.ts';
import { registrationWords } from './words.ts';

export type RepeatReason = Exclude<Impression, 'person'>;

export type RegistrationForm = {
  readonly csrf: string;
  /** The stamp of the moment at which it is drawn. */
  readonly opened: string;
  readonly typed: Typed;
  readonly next: string | null;
  readonly problems: RegistrationProblems;
  /** Why it is asked for once more, although nothing in it is wrong. */
  readonly repeat: RepeatReason | null;
  readonly hasTrap: boolean;
  readonly tooMany: TooManyNotice | null;
  /** What it is drawn for, where somebody was invited. */
  readonly invitation: {
    readonly isForAddress: boolean;
    /** Whether an account is made by invitation only. */
    readonly isNeeded: boolean;
  } | null;
  readonly asksForEmail: boolean;
  readonly needsEmail: boolean;
  readonly minimumCodePoints: number;
  readonly signInButtons: readonly SignInButton[];
};

const text = registrationWords;

export function registrationForm(form: RegistrationForm): Html {
  const { csrf, opened, typed, next, problems, invitation } = form;
  const wrong = fieldProblems(problems);
  const first = isListed(wrong) ? 'list' : firstProblem(problems);
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${leadFor(form)}</p>
${formProblems(english.words, form.repeat === null ? (form.tooMany?.text ?? null) : text.repeat[form.repeat], wrong)}
<form method="post" action="/register" novalidate>
${csrfField(csrf)}${hiddenField(OPENED_FIELD, opened)}${hiddenField('next', next)}
${field(english.words, {
  name: 'username',
  label: messages.fields.username,
  type: 'text',
  autocomplete: 'username',
  value: typed.username,
  hint: text.usernameHint,
  problem: problems.username === undefined ? null : text.username[problems.username],
  isFocused: first === 'username' || first === null,
})}
${form.asksForEmail ? emailField(form, first === 'email') : ''}
${field(english.words, {
  name: 'password',
  label: messages.fields.password,
  type: 'password',
  autocomplete: 'new-password',
  hint: messages.newPassword.hint(form.minimumCodePoints),
  problem: problems.password === undefined ? null : refusalInWords(problems.password),
  isFocused: first === 'password',
})}
${form.hasTrap ? trapField(english.words) : ''}
${form.tooMany === null ? '' : form.tooMany.challenge}
${submitButton(text.button)}
</form>
${signInButtons(english.words, { buttons: form.signInButtons, csrf, next })}
${invitation === null || invitation.isNeeded ? '' : html`<p class="elsewhere"><a href="${withNext(paths.register, next)}">${text.withoutInvitation}</a></p>`}
${linkLine(text.haveAccount, { path: withNext(paths.login, next), label: text.signIn })}
</section>`;
}

function leadFor({ invitation, needsEmail }: RegistrationForm): string {
  if (invitation === null) return needsEmail ? text.requiredEmailLead : text.lead;
  return invitation.isForAddress ? text.invitedAddressLead : text.invitedLead;
}

/** The page for those who are not let in. */
export function refusedPage(why: EntryRefusal): Html {
  return messageCard({ ...text.refused[why], link: { path: paths.login, label: text.signIn } });
}

function emailField(
  { typed, problems: { email: problem }, invitation, needsEmail }: RegistrationForm,
  isFocused: boolean,
): Html {
  const isForAddress = invitation?.isForAddress === true;
  return field(english.words, {
    name: 'email',
    label: messages.fields.email,
    type: 'email',
    autocomplete: 'email',
    value: typed.email,
    hint: isForAddress ? text.invitedEmailHint : needsEmail ? text.requiredEmailHint : text.emailHint,
    problem: problem === undefined ? null : text.email[problem],
    isOptional: !isForAddress && !needsEmail,
    isFocused,
  });
}

function fieldProblems(problems: RegistrationProblems): readonly FieldProblem[] {
  const { username, email, password } = problems;
  const { fields } = messages;
  return [
    {
      name: 'username',
      label: fields.username,
      problem: username === undefined ? null : text.username[username],
    },
    { name: 'email', label: fields.email, problem: email === undefined ? null : text.email[email] },
    {
      name: 'password',
      label: fields.password,
      problem: password === undefined ? null : refusalInWords(password),
    },
  ];
}

function firstProblem(problems: RegistrationProblems): keyof RegistrationProblems | null {
  const order = ['username', 'email', 'password'] as const;
  return order.find((name) => problems[name] !== undefined) ?? null;
}
