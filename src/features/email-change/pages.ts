import { html } from 'hono/html';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import type { User } from '../../auth/sessions/session.ts';
import {
  csrfField,
  dangerousButton,
  field,
  formProblem,
  submitButton,
} from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';

const text = messages.emailChange;

export type AddressForm = {
  readonly csrf: string;
  readonly user: User;
  /** The address that a mail has gone to whose link was not used yet. */
  readonly waiting: string | null;
  readonly typed: string;
  readonly problems: { readonly email: string | null; readonly whole: string | null };
};

export function addressForm({ csrf, user, waiting, typed, problems }: AddressForm): Html {
  return html`<section class="card">
<h1>${text.title}</h1>
${formProblem(problems.whole)}
${currentLine(user)}
${waiting === null ? '' : html`<p>${text.waiting} <strong><bdi>${waiting}</bdi></strong>.</p>`}
<form method="post" action="${paths.email}" novalidate>
${csrfField(csrf)}
${field({
  name: 'email',
  label: text.address,
  type: 'email',
  autocomplete: 'email',
  value: typed,
  hint: text.hint,
  problem: problems.email,
  isFocused: true,
})}
${submitButton(text.button)}
</form>
<p class="elsewhere"><a href="${paths.account}">${messages.account.back}</a></p>
</section>`;
}

function currentLine({ email, emailVerified }: User): Html {
  if (email === null) return html`<p class="lead">${text.none}</p>`;
  const { profile } = messages;
  const state = emailVerified ? profile.emailVerified : profile.emailUnverified;
  return html`<p class="lead">${text.current} <strong><bdi>${email}</bdi></strong> <span class="optional">(${state})</span>.</p>`;
}

export type ConfirmForm = { readonly csrf: string; readonly username: string; readonly address: string };

export function confirmForm({ csrf, username, address }: ConfirmForm): Html {
  const { title, lead, consequences, button } = text.confirm;
  return html`<section class="card">
<h1>${title}</h1>
<p class="lead">${lead(username)} <strong><bdi>${address}</bdi></strong>.</p>
<p>${consequences}</p>
<form method="post" action="${paths.confirmEmailChange}">${csrfField(csrf)}${submitButton(button)}</form>
<p class="elsewhere"><a href="${paths.account}">${messages.account.back}</a></p>
</section>`;
}

export function undoForm({ csrf, username, address }: ConfirmForm): Html {
  const { title, lead, consequences, button, notNeeded } = text.undo;
  return html`<section class="card">
<h1>${title}</h1>
<p class="lead">${lead(username)} <strong><bdi>${address}</bdi></strong></p>
<p>${consequences}</p>
<form method="post" action="${paths.undoEmailChange}">${csrfField(csrf)}${dangerousButton(button)}</form>
<p class="elsewhere">${notNeeded}</p>
</section>`;
}
