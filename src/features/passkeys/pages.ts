import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { fieldWords } from '../../auth/words.ts';
import {
  agoText,
  csrfField,
  dangerousButton,
  focusedField,
  formProblem,
  formProblems,
  type Html,
  hiddenField,
  linkLine,
  type Page,
  quietButton,
  submitButton,
  timeOf,
  trapField,
  withFlow,
  withNext,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { drawNameFields, OPENED_FIELD, type RegistrationVisit } from '../registration/index.ts';
import { cancelSignIn, type OtherFactor, otherFactors } from '../second-factors/index.ts';
import { CONFIRM, OFFER, PAGE, REGISTER, SETUP, SIGN_IN, STEP, UPGRADE, WITHOUT_PASSWORD } from './paths.ts';
import { script } from './script.ts';
import type { Passkey } from './store.ts';
import {
  ceremonyWords,
  confirmWords,
  labelWords,
  offerWords,
  pageWords,
  registerWords,
  scriptWords,
  setupWords,
  signInWords,
  stepWords,
  upgradeWords,
  withoutPasswordWords,
} from './words.ts';

type Asked = {
  readonly kind: 'create' | 'get';
  /** The fields of the form that the options depend on. */
  readonly fields?: string;
  /** The action whose JSON gives the options for `navigator.credentials`. */
  readonly action: string;
  /** The handle of the pending sign-in that it is about, if any. */
  readonly flow?: string;
};

/** What the script needs to ask for a passkey, as attributes of an element. */
function asked(words: Wording, { kind, action, fields, flow = '' }: Asked): Html {
  const { cancelled, known, unsupported, failed } = words(scriptWords);
  return html` data-passkey="${kind}" data-options="/api${action}" data-flow="${flow}" data-cancelled="${cancelled}" data-known="${known}" data-unsupported="${unsupported}" data-failed="${failed}"${fields === undefined ? '' : html` data-fields="${fields}"`}`;
}

/** Once in a page, beside whatever of it the script serves. */
const scriptElement = (): Html => html`<script src="${script.path}" type="module"></script>`;

/** A form whose button asks for a passkey, and what browsers without scripts see instead. @param content further fields */
function askingForm(
  words: Wording,
  csrf: string,
  label: string,
  request: Asked,
  content: Html | '' = '',
): Html {
  return html`<form method="post" action="${request.action}" data-scripted hidden novalidate>
${csrfField(csrf)}${content}<input type="hidden" name="credential" value=""${asked(words, request)}>
${submitButton(label)}
</form>
<noscript><p>${words(ceremonyWords).noScript}</p></noscript>`;
}

type Button = {
  readonly action: string;
  readonly next: string | null;
  /** On the login page, browsers also offer passkeys where the username is filled in. */
  readonly isInAutofill?: boolean;
};

/** A button beside the form of another method. It is shown by the script, which sends a form of its own. */
export function passkeyButton(words: Wording, { action, next, isInAutofill = false }: Button): Html {
  return html`<div data-needs="PublicKeyCredential" hidden><button type="button" class="quiet" data-action="${action}" data-next="${next ?? ''}"${asked(words, { kind: 'get', action })}${isInAutofill ? html` data-autofill` : ''}>${words(labelWords).button}</button></div>
${scriptElement()}`;
}

/** Leads from the page for new users to that for an account without a password. @param flow the handle of the invitation */
export function registrationLink(words: Wording, next: string | null, flow: string): Html {
  const path = withNext(REGISTER, next);
  return html`<p data-needs="PublicKeyCredential" hidden><a href="${flow === '' ? path : withFlow(path, flow)}">${words(registerWords).link}</a></p>`;
}

/** A call of the Signal API, by which password managers learn what the site knows. @see WebAuthn Level 3 §5.1.10 */
export type Signal = {
  readonly method: 'signalUnknownCredential' | 'signalAllAcceptedCredentials' | 'signalCurrentUserDetails';
  readonly details: object;
};

function passkeySignal({ method, details }: Signal): Html {
  return html`<div data-passkey-signal="${method}" data-details="${JSON.stringify(details)}" hidden></div>`;
}

export type SignInPage = {
  readonly next: string | null;
  readonly rpId: string;
  /** The passkey that was refused; null at first. */
  readonly refusedId: string | null;
};

export function signInView(words: Wording, form: FormView<'remember'>, page: SignInPage): Page {
  const { next, rpId, refusedId } = page;
  const text = words(signInWords);
  const remember = html`<input type="hidden" name="remember" value="${form.value('remember')}">`;
  const isUnknown = refusedId !== null && form.hasReason('passkey-unknown');
  const unknown = { method: 'signalUnknownCredential', details: { rpId, credentialId: refusedId } } as const;
  const request = { kind: 'get', action: SIGN_IN } as const;
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblem(form.problem)}
${isUnknown ? passkeySignal(unknown) : ''}
${askingForm(words, form.csrf, text.button, request, html`${hiddenField('next', next)}${remember}`)}
<p class="elsewhere"><a href="${withNext(paths.login, next)}">${text.instead}</a></p>
</section>
${scriptElement()}`;
  return { title: text.title, body };
}

export type RegisterPage = RegistrationVisit & {
  readonly needsEmail: boolean;
  /** Whether the address has to be confirmed before the account works. */
  readonly mustConfirm: boolean;
  /** Whether a mail helps a user who has lost the passkey. */
  readonly canRecover: boolean;
  readonly rpId: string;
  /** The passkey that was created for a registration which was refused; null at first. */
  readonly refusedId: string | null;
};

export function registerView(words: Wording, form: FormView<'username' | 'email'>, page: RegisterPage): Page {
  const text = words(registerWords);
  const { next, invitation, mustConfirm, canRecover, rpId, refusedId } = page;
  const labels = words(fieldWords);
  const wrong = (['username', 'email'] as const).map((name) => ({
    name,
    label: labels[name],
    problem: form.problemOf(name),
  }));
  const unknown = { method: 'signalUnknownCredential', details: { rpId, credentialId: refusedId } } as const;
  const flow = invitation?.flow ?? '';
  const request = { kind: 'create', action: REGISTER, flow, fields: 'username email' } as const;
  const emailHint = mustConfirm ? text.requiredEmailHint : text.emailHint;
  const fields = html`${hiddenField(OPENED_FIELD, page.opened)}${hiddenField('next', next)}
${drawNameFields(words, form, { ...page, emailHint }, focusedField(wrong, 'username'))}
${form.hasTrap ? trapField(words) : ''}
${form.challenge}
<p>${canRecover ? text.codes : html`${text.codes} ${text.withoutMail}`}</p>
`;
  const path = withNext(paths.register, next);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblems(words, form.problem, wrong)}
${refusedId === null ? '' : passkeySignal(unknown)}
${askingForm(words, form.csrf, text.button, request, fields)}
<p class="elsewhere"><a href="${flow === '' ? path : withFlow(path, flow)}">${text.withPassword}</a></p>
${linkLine(text.haveAccount, { path: withNext(paths.login, next), label: text.signIn })}
</section>
${scriptElement()}`;
  return { title: text.title, body };
}

export type StepPage = {
  readonly username: string;
  /** The handle of the pending sign-in. */
  readonly flow: string;
  readonly others: readonly OtherFactor[];
};

export function stepView(words: Wording, form: FormView, { username, flow, others }: StepPage): Page {
  const text = words(stepWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
${formProblem(form.problem)}
${askingForm(words, form.csrf, text.button, { kind: 'get', action: STEP, flow })}
${otherFactors(words, others)}
${cancelSignIn(words, form)}
</section>
${scriptElement()}`;
  return { title: text.title, body };
}

export type ConfirmPage = {
  readonly username: string;
  readonly next: string | null;
};

export function confirmView(words: Wording, form: FormView, { username, next }: ConfirmPage): Page {
  const text = words(confirmWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
${formProblem(form.problem)}
${askingForm(words, form.csrf, text.button, { kind: 'get', action: CONFIRM }, hiddenField('next', next))}
<p class="elsewhere"><a href="${withNext(paths.confirm, next)}">${text.instead}</a></p>
</section>
${scriptElement()}`;
  return { title: text.title, body };
}

export type PasskeysPage = {
  readonly passkeys: readonly Passkey[];
  /** Whether there may be another one. */
  readonly isOffered: boolean;
  readonly hasPassword: boolean;
  /** Whether sign-ins ask for a second factor already. */
  readonly isProtected: boolean;
  /** Whether they ask for one of these, if there are any. */
  readonly isAsked: boolean;
  readonly signals: readonly Signal[];
  /** Milliseconds of UTC. */
  readonly now: number;
};

export function passkeysView(words: Wording, form: FormView, page: PasskeysPage): Page {
  const { passkeys, signals, hasPassword, isProtected } = page;
  const text = words(pageWords);
  const body = html`<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblem(form.problem)}
${passkeys.length === 0 ? '' : html`<ul class="sessions card">${passkeys.map((passkey) => item(words, form, passkey, page))}</ul>`}
${page.isAsked ? '' : askSection(words, form)}
${creation(words, form, page)}
${signals.map(passkeySignal)}
${hasPassword && isProtected && passkeys.length > 0 ? html`<p class="elsewhere"><a href="${WITHOUT_PASSWORD}">${words(withoutPasswordWords).link}</a></p>` : ''}
<p class="elsewhere"><a href="${paths.security}">${text.back}</a></p>
${scriptElement()}`;
  return { title: text.title, body, width: 'wide' };
}

/** For passkeys that the browser has created by itself. */
function askSection(words: Wording, { csrf }: FormView): Html {
  const text = words(pageWords);
  return html`<section class="card">
<h2>${text.askTitle}</h2>
<p>${text.askHint}</p>
<form method="post" action="${PAGE}">${csrfField(csrf)}${hiddenField('ask', 'on')}${submitButton(text.ask)}</form>
</section>`;
}

function creation(
  words: Wording,
  { csrf }: FormView,
  { passkeys, isOffered, isProtected }: PasskeysPage,
): Html {
  const text = words(pageWords);
  if (!isOffered) return html`<p>${text.enough(passkeys.length)}</p>`;
  return html`<section class="card">
<h2>${text.createTitle}</h2>
<p>${text.createHint}${isProtected ? '' : html` ${text.consequence}`}</p>
${askingForm(words, csrf, text.create, { kind: 'create', action: PAGE })}
</section>`;
}

function item(words: Wording, { csrf }: FormView, passkey: Passkey, { now }: PasskeysPage): Html {
  const { id, name, isSynced, addedAt, lastUsedAt } = passkey;
  const text = words(pageWords);
  const field = `name-${id}`;
  return html`<li>
<div class="heading"><h2><bdi>${name}</bdi></h2></div>
<form method="post" action="${PAGE}">${csrfField(csrf)}${hiddenField('passkey', id)}${hiddenField('remove', 'on')}<button type="submit" class="quiet">${text.remove}<span class="unseen"> ${name}</span></button></form>
<dl>
<div><dt>${text.kind}</dt><dd>${isSynced ? text.synced : text.deviceBound}</dd></div>
<div><dt>${text.lastUsed}</dt><dd>${lastUsedAt === null ? text.never : agoText(words, lastUsedAt, now)}</dd></div>
<div><dt>${text.added}</dt><dd>${timeOf(words, addedAt)}</dd></div>
</dl>
<details><summary>${text.rename}<span class="unseen"> ${name}</span></summary>
<form method="post" action="${PAGE}" novalidate>${csrfField(csrf)}${hiddenField('passkey', id)}
<div class="field"><label for="${field}">${text.name}</label><div class="control"><input id="${field}" name="name" type="text" dir="auto" autocomplete="off" value="${name}" required></div></div>
${quietButton(text.rename)}</form></details>
</li>`;
}

export function withoutPasswordView(
  words: Wording,
  { csrf, path, problem }: FormView,
  { isKept }: { readonly isKept: boolean },
): Page {
  const text = words(withoutPasswordWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblem(problem)}
${isKept ? html`<p>${text.needed}</p>` : html`<p>${text.lost}</p><form method="post" action="${path}">${csrfField(csrf)}${dangerousButton(text.button)}</form>`}
<p class="elsewhere"><a href="${PAGE}">${text.back}</a></p>
</section>`;
  return { title: text.title, body };
}

type Offer = {
  readonly csrf: string;
  /** Whether the script first asks the browser to create one by itself. */
  readonly isUpgraded: boolean;
};

/** Shown by the script, because nothing comes of it without. */
export function offerView(words: Wording, { csrf, isUpgraded }: Offer): Html {
  const text = words(offerWords);
  const upgrade = html`<div data-passkey-upgrade data-options="/api${UPGRADE}" data-done="${words(upgradeWords).done}" hidden></div>`;
  return html`<aside class="flash notice" data-passkey-offer data-scripted hidden>
<p>${text.offer} <a href="${PAGE}">${text.create}</a></p>
<form method="post" action="${OFFER}">${csrfField(csrf)}${quietButton(text.decline)}</form>
</aside>
${isUpgraded ? upgrade : ''}
${scriptElement()}`;
}

export function setupAtSignInView(
  words: Wording,
  form: FormView,
  { username, flow }: { readonly username: string; readonly flow: string },
): Page {
  const { title, lead } = words(setupWords);
  const body = html`<section class="card">
<h1>${title}</h1>
<p class="lead">${lead(username)}</p>
${formProblem(form.problem)}
${askingForm(words, form.csrf, words(pageWords).create, { kind: 'create', action: SETUP, flow })}
${cancelSignIn(words, form)}
</section>
${scriptElement()}`;
  return { title, body };
}
