import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { fieldWords } from '../../auth/words.ts';
import {
  agoText,
  csrfField,
  field,
  focusedField,
  focusedProblem,
  formProblem,
  formProblems,
  type Html,
  hiddenField,
  linkLine,
  type Page,
  submitButton,
  timeOf,
  withNext,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { registrationWords } from '../registration/index.ts';
import type { AddressPlan } from './pending-registration.ts';
import type { Provider } from './providers/provider.ts';
import { connectionsWords, newUserWords } from './words.ts';

type RedirectWords = Readonly<Record<'title' | 'lead' | 'link', (label: string) => string>>;

/** A page that redirects to a provider, with a link for browsers that do not follow by themselves. */
export function redirectPage(text: RedirectWords, label: string, url: URL): Page {
  const title = text.title(label);
  const body = html`<section class="card">
<h1>${title}</h1>
<p class="lead">${text.lead(label)}</p>
<p class="elsewhere"><a href="${url.href}" rel="noreferrer">${text.link(label)}</a></p>
</section>`;
  return { title, body, leadsTo: url };
}

export type TooManyPage = { readonly title: string; readonly text: string };

/** Shown instead of the page of the button, which may be one of several. */
export function tooManyView(words: Wording, { title, text }: TooManyPage): Page {
  const body = html`<section class="card">
<h1>${title}</h1>
${focusedProblem(text)}
<p class="elsewhere"><a href="${paths.login}">${words(fieldWords).signIn}</a></p>
</section>`;
  return { title, body };
}

export type ShownConnection = {
  readonly id: string;
  readonly label: string;
  readonly handle: string | null;
  /** Milliseconds of UTC. */
  readonly connectedAt: number;
  readonly lastUsedAt: number | null;
};

export type ConnectionsPage = {
  readonly connections: readonly ShownConnection[];
  readonly isOnlyMethod: boolean;
  readonly providers: readonly Pick<Provider, 'name' | 'label'>[];
  /** Milliseconds of UTC. */
  readonly now: number;
};

// One form; each button names the connection.
export function connectionsView(words: Wording, form: FormView, page: ConnectionsPage): Page {
  const text = words(connectionsWords);
  const { connections, providers, isOnlyMethod } = page;
  const items = connections.map((one) => connectionItem(words, one, page));
  const body = html`<h1>${text.title}</h1>
${formProblem(form.problem)}
<p class="lead">${connections.length === 0 ? text.none : text.lead}</p>
${isOnlyMethod ? html`<p>${text.onlyMethod} <a href="${paths.password}">${text.setPassword}</a></p>` : ''}
<form method="post" action="${form.path}">${csrfField(form.csrf)}
${items.length === 0 ? '' : html`<ul class="sessions card">${items}</ul>`}
<h2>${text.more}</h2>
<p>${providers.map(({ name, label }) => connectButton(name, text.connect(label)))}</p>
</form>
<p class="elsewhere"><a href="${paths.account}">${words(fieldWords).backToAccount}</a></p>`;
  return { title: text.title, body, width: 'wide' };
}

function connectionItem(
  words: Wording,
  { id, label, handle, connectedAt, lastUsedAt }: ShownConnection,
  { isOnlyMethod, now }: ConnectionsPage,
): Html {
  const text = words(connectionsWords);
  return html`<li>
<div class="heading"><h2>${label}</h2></div>
${isOnlyMethod ? '' : html`<button type="submit" class="quiet" name="disconnect" value="${id}">${text.disconnect}<span class="unseen"> ${label} ${handle ?? ''}</span></button>`}
<dl>
${handle === null ? '' : row(text.as, html`<bdi>${handle}</bdi>`)}
${row(text.connected, timeOf(words, connectedAt))}
${row(text.lastUsed, html`${lastUsedAt === null ? text.never : agoText(words, lastUsedAt, now)}`)}
</dl>
</li>`;
}

function row(term: string, value: Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}

function connectButton(name: string, label: string): Html {
  return html`<button type="submit" class="quiet" name="connect" value="${name}">${label}</button> `;
}

export type NewUserPage = {
  /** The name of the provider. */
  readonly label: string;
  /** What its profile proposes. */
  readonly proposal: { readonly username: string; readonly email: string };
  /** The page that the user wants next. */
  readonly next: string | null;
  readonly plan: AddressPlan;
  /** The page with the connections of an account, as a next path. */
  readonly connections: string;
};

type NewUserForm = FormView<'username' | 'email'>;

export function newUserView(words: Wording, form: NewUserForm, page: NewUserPage): Page {
  const text = words(newUserWords);
  const labels = words(fieldWords);
  const { label, proposal, next, plan, connections } = page;
  const wrong = (['username', 'email'] as const).map((name) => ({
    name,
    label: labels[name],
    problem: form.problemOf(name),
  }));
  const focused = focusedField(wrong, 'username');
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(label)}</p>
${plan.kind === 'asked' && plan.held !== null ? html`<p class="flash notice">${text.held(plan.held)}</p>` : ''}
${formProblems(words, form.problem, wrong)}
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}${hiddenField('next', next)}
${field(words, {
  name: 'username',
  label: labels.username,
  type: 'text',
  autocomplete: 'username',
  value: form.isSent ? form.value('username') : proposal.username,
  hint: words(registrationWords).usernameHint,
  problem: form.problemOf('username'),
  isFocused: focused === 'username',
})}
${addressPart(words, form, page, focused === 'email')}
${form.challenge}
${submitButton(text.button)}
</form>
${linkLine(text.signInInstead, { path: withNext(paths.login, connections), label: text.signIn })}
</section>`;
  return { title: text.title, body };
}

function addressPart(
  words: Wording,
  form: NewUserForm,
  { plan, label, proposal }: NewUserPage,
  isFocused: boolean,
): Html | '' {
  const text = words(newUserWords);
  if (plan.kind === 'none') return '';
  if (plan.kind === 'proven')
    return html`<p>${text.emailConfirmed}: <bdi>${plan.email.address}</bdi>. ${text.emailIs(label)}</p>`;
  const { requiredEmailHint, emailHint } = words(registrationWords);
  return field(words, {
    name: 'email',
    label: words(fieldWords).email,
    type: 'email',
    autocomplete: 'email',
    value: form.isSent ? form.value('email') : proposal.email,
    hint: plan.isRequired ? requiredEmailHint : emailHint,
    problem: form.problemOf('email'),
    isOptional: !plan.isRequired,
    isFocused,
  });
}
