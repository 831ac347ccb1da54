import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import type { SignInButton } from '../../auth/slots.ts';
import { fieldWords } from '../../auth/words.ts';
import {
  csrfField,
  field,
  formProblem,
  type Html,
  hiddenField,
  linkLine,
  type Page,
  quietButton,
  submitButton,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { knownUsername, passwordField } from '../passwords/index.ts';
import { codeField } from '../requested-mail/index.ts';
import { signInButtons } from '../sign-in/index.ts';
import type { MailOffer } from './mailed-code.ts';
import { confirmWords } from './words.ts';

export type ConfirmPage = {
  readonly username: string;
  /** The page that the user wants next. */
  readonly next: string | null;
  readonly hasPassword: boolean;
  /** Whether the account has a second factor. */
  readonly asksForCode: boolean;
  /** Identity providers at which the user can authenticate again. */
  readonly buttons: readonly SignInButton[];
  readonly mail: MailOffer;
  /** The page that comes after signing in. */
  readonly home: string;
};

type Field = 'password' | 'code';

export function confirmView(words: Wording, form: FormView<Field>, page: ConfirmPage): Page {
  const { next, hasPassword, asksForCode, buttons, mail, home } = page;
  const hasForm = hasPassword || asksForCode;
  const text = words(confirmWords);
  const forgotten = { path: paths.forgotPassword, label: words(fieldWords).forgottenPassword };
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${leadOf(words, page)}</p>
${formProblem(form.problem)}
${hasForm ? typedForm(words, form, page) : ''}
${signInButtons(words, { buttons, csrf: form.csrf, next })}
${hasPassword ? linkLine('', forgotten) : ''}
${mail === null ? '' : mailForm(words, form, { next, mail })}
${hasForm || mail !== null ? '' : signInAgain(words, buttons.length > 0)}
<p class="elsewhere"><a href="${home}">${text.stay}</a></p>
</section>`;
  return { title: text.title, body };
}

function leadOf(words: Wording, { username, hasPassword, asksForCode }: ConfirmPage): string {
  const text = words(confirmWords);
  if (hasPassword) return asksForCode ? text.bothLead(username) : text.passwordLead(username);
  return asksForCode ? text.codeLead(username) : text.lead(username);
}

/** The password and the code of the second factor, as far as the account has them. */
function typedForm(words: Wording, form: FormView<Field>, page: ConfirmPage): Html {
  const { username, next, hasPassword, asksForCode } = page;
  const [ofPassword, ofCode] = [form.problemOf('password'), form.problemOf('code')];
  const isCodeFocused = !hasPassword || (ofPassword === null && ofCode !== null);
  return html`<form method="post" action="/account/confirm" novalidate>
${csrfField(form.csrf)}${hiddenField('next', next)}
${knownUsername(username)}
${hasPassword ? passwordField(words, ofPassword, !isCodeFocused) : ''}
${asksForCode ? factorField(words, ofCode, isCodeFocused) : ''}
${submitButton(words(confirmWords).button)}
</form>`;
}

function factorField(words: Wording, problem: string | null, isFocused: boolean): Html {
  const { code: label, codeHint: hint } = words(confirmWords);
  return field(words, {
    name: 'code',
    label,
    type: 'text',
    autocomplete: 'one-time-code',
    hint,
    problem,
    isFocused,
  });
}

type Mail = { readonly next: string | null; readonly mail: NonNullable<MailOffer> };

/** Shown alone: a password or a provider that can be asked is stronger. */
function mailForm(
  words: Wording,
  { csrf, problemOf }: FormView<Field>,
  { next, mail: { address, isSent } }: Mail,
): Html {
  const { mail: text, button } = words(confirmWords);
  const again = html`<form class="elsewhere" method="post" action="/account/confirm-by-mail">${csrfField(csrf)}${hiddenField('next', next)}${isSent ? quietButton(text.again) : submitButton(text.send)}</form>`;
  if (!isSent) return html`<p>${text.lead} <bdi>${address}</bdi></p>${again}`;
  return html`<p>${text.sentTo} <bdi>${address}</bdi></p>
<form method="post" action="/account/confirm-by-mail/code" novalidate>
${csrfField(csrf)}${hiddenField('next', next)}
${codeField(words, problemOf('code'))}
${submitButton(button)}
</form>
${again}`;
}

/** @param hasButton whether there is another method */
function signInAgain(words: Wording, hasButton: boolean): Html {
  const text = words(confirmWords);
  return html`<p>${hasButton ? text.orSignInAgain : text.signInAgain}</p>
<p class="elsewhere"><a href="${paths.logout}">${text.signOut}</a></p>`;
}
