import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
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
import type { NewSecret } from './new-secret.ts';
import type { QrCode } from './qr-code.ts';
import { pageWords } from './words.ts';

type Offered = Pick<NewSecret, 'text' | 'uri' | 'setup'> & { readonly image: QrCode };

export type AuthenticatorPage = {
  readonly username: string;
  /** A secret to set up; left out where one is set up. */
  readonly offered?: Offered;
};

export function authenticatorView(
  words: Wording,
  form: FormView<'code'>,
  { username, offered }: AuthenticatorPage,
): Page {
  const text = words(pageWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
${offered === undefined ? removal(words, form, username) : setup(words, form, username, offered)}
<p class="elsewhere"><a href="${paths.security}">${text.back}</a></p>
</section>`;
  return { title: text.title, body };
}

function removal(words: Wording, { csrf, problem }: FormView<'code'>, username: string): Html {
  const text = words(pageWords);
  return html`<p class="lead">${text.isSetUp(username)}</p>
${formProblem(problem)}
<p>${text.removal}</p>
<form method="post" action="/account/authenticator">${csrfField(csrf)}<input type="hidden" name="remove" value="on">${dangerousButton(text.remove)}</form>`;
}

function setup(words: Wording, form: FormView<'code'>, username: string, offered: Offered): Html {
  const text = words(pageWords);
  const problem = form.problemOf('code');
  return html`<p class="lead">${text.lead(username)}</p>
${formProblem(form.problem)}
<ol>
<li>${text.install}</li>
<li>${text.scan}</li>
<li>${text.enter}</li>
</ol>
${image(text.image, offered.image)}
<p><a href="${offered.uri}">${text.open}</a></p>
<div class="field"><label for="secret">${text.secret}</label>
<div class="control"><input id="secret" type="text" value="${inGroups(offered.text)}" autocomplete="off" aria-describedby="secret-hint" readonly></div>
<p class="hint" id="secret-hint">${text.secretHint}</p></div>
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}<input type="hidden" name="setup" value="${offered.setup}">
${field(words, { name: 'code', label: text.code, type: 'text', autocomplete: 'one-time-code', inputMode: 'numeric', hint: text.codeHint, problem, isFocused: problem !== null })}
${submitButton(text.button)}
</form>`;
}

/** Dark on light in every colour scheme, because not all apps read the inverse. */
function image(label: string, { size, path }: QrCode): Html {
  return html`<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label="${label}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${path}"/></svg>`;
}

function inGroups(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, '$1 ');
}
