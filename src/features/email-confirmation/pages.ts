import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import {
  csrfField,
  formProblem,
  type Html,
  type Page,
  quietButton,
  submitButton,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { passwordField } from '../passwords/index.ts';
import { codeField, codeFieldWords } from '../requested-mail/index.ts';
import { emailConfirmationWords } from './words.ts';

export type CodePage = {
  readonly address: string;
  /** A required step of a sign-in, or a page of the account. */
  readonly place: 'sign-in' | 'account';
};

/** Where the forms of the page go. */
const ACTIONS = {
  'sign-in': { code: '/login/confirm-address', resend: '/login/confirm-address/resend' },
  account: { code: '/account/confirm-address', resend: '/account/confirm-address/resend' },
} as const;

export function codeView(words: Wording, form: FormView<'code'>, { address, place }: CodePage): Page {
  const text = words(emailConfirmationWords);
  const { title } = text;
  const { csrf } = form;
  const { code, resend } = ACTIONS[place];
  const isCodeVoid = form.hasReason('too-many') && form.path === code;
  const body = html`<section class="card">
<h1>${title}</h1>
${formProblem(isCodeVoid ? null : form.problem)}
<p class="lead">${text.sentTo} <bdi>${address}</bdi>. ${text.howTo}</p>
<form method="post" action="${code}" novalidate>
${csrfField(csrf)}
${codeField(words, isCodeVoid ? text.codeVoid : form.problemOf('code'))}
${submitButton(text.confirmCode)}
</form>
<p class="elsewhere">${words(codeFieldWords).notArrived}</p>
<form class="elsewhere" method="post" action="${resend}">${csrfField(csrf)}${quietButton(text.resend)}</form>
${place === 'account' ? '' : html`<p class="elsewhere">${text.hadAccount} <a href="${paths.forgotPassword}">${text.chooseNewPassword}</a></p>`}
${place === 'account' ? html`<p class="elsewhere"><a href="${paths.account}">${text.back}</a></p>` : cancelForm(text.cancel, csrf)}
</section>`;
  return { title, body };
}

function cancelForm(label: string, csrf: string): Html {
  return html`<form class="elsewhere" method="post" action="${paths.cancelSignIn}">${csrfField(csrf)}${quietButton(label)}</form>`;
}

export type LinkPage = {
  readonly address: string;
  /** The account's; null in a browser that has not requested the mail, which is asked for the password instead. */
  readonly username: string | null;
  readonly hasPassword: boolean;
};

/**
 * Names the account only in the browser that requested the mail: the user who registers chooses the name, and the
 * address may belong to another one.
 */
export function linkView(words: Wording, form: FormView<'password'>, page: LinkPage): Page {
  const { address, username, hasPassword } = page;
  const text = words(emailConfirmationWords);
  const { title } = text;
  const body = html`<section class="card">
<h1>${title}</h1>
${formProblem(form.problem)}
<p class="lead"><bdi>${address}</bdi></p>
${username === null && !hasPassword ? signInFirst(words) : confirmForm(words, form, username)}
<p class="elsewhere">${text.notYours}</p>
</section>`;
  return { title, body };
}

function confirmForm(words: Wording, form: FormView<'password'>, username: string | null): Html {
  const text = words(emailConfirmationWords);
  return html`<p>${username === null ? text.linkElsewhereLead : text.linkLead(username)}</p>
<form method="post" action="/verify-email" novalidate>
${csrfField(form.csrf)}
${username === null ? passwordField(words, form.problemOf('password')) : ''}
${form.challenge}
${submitButton(text.confirmLink)}
</form>`;
}

/** In another browser, for an account without a password. */
function signInFirst(words: Wording): Html {
  const text = words(emailConfirmationWords);
  return html`<p>${text.linkWithoutPassword}</p>
<p><a href="${paths.login}">${text.invalid.signIn}</a></p>`;
}
