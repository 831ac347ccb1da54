import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import type { User } from '../../auth/sessions/session.ts';
import { fieldWords } from '../../auth/words.ts';
import {
  csrfField,
  dangerousButton,
  field,
  formProblem,
  type Html,
  type Page,
  submitButton,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { emailStateWords } from '../accounts/index.ts';
import { emailChangeWords } from './words.ts';

export type AddressPage = {
  readonly user: User;
  /** The address of a mail whose link was not used yet. */
  readonly waiting: string | null;
};

export function addressView(words: Wording, form: FormView<'email'>, { user, waiting }: AddressPage): Page {
  const text = words(emailChangeWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
${formProblem(form.problem)}
${currentLine(words, user)}
${waiting === null ? '' : html`<p>${text.waiting} <strong><bdi>${waiting}</bdi></strong>.</p>`}
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}
${field(words, {
  name: 'email',
  label: text.address,
  type: 'email',
  autocomplete: 'email',
  value: form.value('email'),
  hint: text.hint,
  problem: form.problemOf('email'),
  isFocused: true,
})}
${submitButton(text.button)}
</form>
${backLine(words)}
</section>`;
  return { title: text.title, body };
}

function currentLine(words: Wording, { email, emailVerified }: User): Html {
  const text = words(emailChangeWords);
  if (email === null) return html`<p class="lead">${text.none}</p>`;
  const { verified, unverified } = words(emailStateWords);
  const state = emailVerified ? verified : unverified;
  return html`<p class="lead">${text.current} <strong><bdi>${email}</bdi></strong> <span class="optional">(${state})</span>.</p>`;
}

function backLine(words: Wording): Html {
  return html`<p class="elsewhere"><a href="${paths.account}">${words(fieldWords).backToAccount}</a></p>`;
}

export type AddressLinkPage = {
  readonly username: string;
  /** The address that the account gets. */
  readonly address: string;
};

export function confirmationView(
  words: Wording,
  form: FormView<never>,
  { username, address }: AddressLinkPage,
): Page {
  const { title, lead, consequences, button } = words(emailChangeWords).confirm;
  const body = html`<section class="card">
<h1>${title}</h1>
<p class="lead">${lead(username)} <strong><bdi>${address}</bdi></strong>.</p>
<p>${consequences}</p>
<form method="post" action="${form.path}">${csrfField(form.csrf)}${submitButton(button)}</form>
${backLine(words)}
</section>`;
  return { title, body };
}

export function undoView(
  words: Wording,
  form: FormView<never>,
  { username, address }: AddressLinkPage,
): Page {
  const { title, lead, consequences, button, notNeeded } = words(emailChangeWords).undo;
  const body = html`<section class="card">
<h1>${title}</h1>
<p class="lead">${lead(username)} <strong><bdi>${address}</bdi></strong></p>
<p>${consequences}</p>
<form method="post" action="${form.path}">${csrfField(form.csrf)}${dangerousButton(button)}</form>
<p class="elsewhere">${notNeeded}</p>
</section>`;
  return { title, body };
}
