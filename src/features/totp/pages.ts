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
import { cancelSignIn } from '../second-factors/index.ts';
import type { NewSecret } from './new-secret.ts';
import type { QrCode } from './qr-code.ts';
import { pageWords, signInSetupWords } from './words.ts';

type Offered = Pick<NewSecret, 'text' | 'uri' | 'setup'> & { readonly image: QrCode };

export type AuthenticatorPage = { readonly username: string } & (
  | { readonly canRemove: boolean; readonly offered?: undefined }
  /** A secret to set up, perhaps instead of the one there is. */
  | { readonly isReplacement: boolean; readonly offered: Offered }
);

export function authenticatorView(words: Wording, form: FormView<'code'>, page: AuthenticatorPage): Page {
  const text = words(pageWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
${page.offered === undefined ? present(words, form, page) : offer(words, form, page)}
<p class="elsewhere"><a href="${paths.security}">${text.back}</a></p>
</section>`;
  return { title: text.title, body };
}

export function setupAtSignInView(
  words: Wording,
  form: FormView<'code'>,
  { username, offered }: { readonly username: string; readonly offered: Offered },
): Page {
  const { title, lead, button } = words(signInSetupWords);
  const body = html`<section class="card">
<h1>${title}</h1>
<p class="lead">${lead(username)}</p>
${setup(words, form, offered, { button })}
${cancelSignIn(words, form)}
</section>`;
  return { title, body };
}

function present(
  words: Wording,
  { csrf, problem }: FormView<'code'>,
  { username, canRemove }: { readonly username: string; readonly canRemove: boolean },
): Html {
  const text = words(pageWords);
  return html`<p class="lead">${text.isSetUp(username)}</p>
${formProblem(problem)}
${canRemove ? '' : html`<p>${text.required}</p>`}
<p>${text.replacement} <a href="/account/authenticator?replace=on">${text.replace}</a></p>
${canRemove ? html`<p>${text.removal}</p>` : ''}
${canRemove ? html`<form method="post" action="/account/authenticator">${csrfField(csrf)}<input type="hidden" name="remove" value="on">${dangerousButton(text.remove)}</form>` : ''}`;
}

type OfferPage = {
  readonly username: string;
  readonly isReplacement: boolean;
  readonly offered: Offered;
};

function offer(
  words: Wording,
  form: FormView<'code'>,
  { username, isReplacement, offered }: OfferPage,
): Html {
  const { lead, replaceLead, button, replaceButton } = words(pageWords);
  if (!isReplacement)
    return html`<p class="lead">${lead(username)}</p>${setup(words, form, offered, { button })}`;
  const more = html`<input type="hidden" name="replace" value="on">`;
  return html`<p class="lead">${replaceLead(username)}</p>${setup(words, form, offered, { button: replaceButton, more })}`;
}

/** The secret, and the form for the first code of its app. */
function setup(
  words: Wording,
  form: FormView<'code'>,
  offered: Offered,
  { button, more = '' }: { readonly button: string; readonly more?: Html | '' },
): Html {
  const text = words(pageWords);
  const problem = form.problemOf('code');
  return html`${formProblem(form.problem)}
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
${csrfField(form.csrf)}${more}<input type="hidden" name="setup" value="${offered.setup}">
${field(words, { name: 'code', label: text.code, type: 'text', autocomplete: 'one-time-code', inputMode: 'numeric', hint: text.codeHint, problem, isFocused: problem !== null })}
${submitButton(button)}
</form>`;
}

/** Dark on light in every colour scheme, because not all apps read the inverse. */
function image(label: string, { size, path }: QrCode): Html {
  return html`<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label="${label}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${path}"/></svg>`;
}

function inGroups(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, '$1 ');
}
