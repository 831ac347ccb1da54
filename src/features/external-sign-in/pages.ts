import { html } from 'hono/html';
import { emailFieldWords, signInFieldWords } from '../../auth/pages/field-words.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import type { TooManyNotice } from '../../platform/rate-limit/index.ts';
import { withNext } from '../../platform/web/next-path.ts';
import {
  csrfField,
  field,
  focusedProblem,
  formProblems,
  hiddenField,
  isListed,
  linkLine,
  submitButton,
} from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { agoText, timeOf } from '../../platform/web/pages/time.ts';
import { english } from '../../platform/words/index.ts';
import type { EmailProblem, UsernameProblem } from '../registration/index.ts';
import { registrationWords, usernameWords } from '../registration/index.ts';
import type { Provider } from './providers/provider.ts';
import type { AddressPlan } from './registration/account.ts';
import { externalSignInWords } from './words.ts';

const { connections: connectionWords, newcomer: newUserWords } = externalSignInWords;

type RedirectWords = Readonly<Record<'title' | 'lead' | 'link', (label: string) => string>>;

/** A page that redirects to a provider, with a link for browsers that ignore `Refresh`. */
export function redirectPage(words: RedirectWords, label: string, url: URL) {
  const title = words.title(label);
  const body = html`<section class="card">
<h1>${title}</h1>
<p class="lead">${words.lead(label)}</p>
<p class="elsewhere"><a href="${url.href}" rel="noreferrer">${words.link(label)}</a></p>
</section>`;
  return { page: { title, body }, headers: { refresh: `0; url=${url.href}` } };
}

export function tooManyPage(title: string, when: string): Html {
  return html`<section class="card">
<h1>${title}</h1>
${focusedProblem(when)}
<p class="elsewhere"><a href="${paths.login}">${signInFieldWords.english.signIn}</a></p>
</section>`;
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
  readonly csrf: string;
  readonly connections: readonly ShownConnection[];
  readonly isOnlyMethod: boolean;
  readonly providers: readonly Provider[];
  /** Milliseconds of UTC. */
  readonly now: number;
};

// One form; each button names the connection.
export function connectionsBody(page: ConnectionsPage): Html {
  const { csrf, connections, providers } = page;
  return html`<h1>${connectionWords.title}</h1>
<p class="lead">${connections.length === 0 ? connectionWords.none : connectionWords.lead}</p>
${page.isOnlyMethod ? html`<p>${connectionWords.onlyWayIn} <a href="${paths.password}">${connectionWords.setPassword}</a></p>` : ''}
<form method="post" action="${paths.connections}">${csrfField(csrf)}
${connections.length === 0 ? '' : html`<ul class="sessions card">${connections.map((one) => connectionItem(one, page))}</ul>`}
<h2>${connectionWords.more}</h2>
<p>${providers.map(connectButton)}</p>
</form>
<p class="elsewhere"><a href="${paths.account}">${messages.account.back}</a></p>`;
}

function connectionItem(
  { id, label, handle, ...when }: ShownConnection,
  { isOnlyMethod, now }: ConnectionsPage,
): Html {
  return html`<li>
<div class="heading"><h2>${label}</h2></div>
${isOnlyMethod ? '' : html`<button type="submit" class="quiet" name="disconnect" value="${id}">${connectionWords.disconnect}<span class="unseen"> ${label} ${handle ?? ''}</span></button>`}
<dl>
${handle === null ? '' : row(connectionWords.as, html`<bdi>${handle}</bdi>`)}
${row(connectionWords.connected, timeOf(english.words, when.connectedAt))}
${row(connectionWords.lastUsed, when.lastUsedAt === null ? html`${connectionWords.never}` : html`${agoText(english.words, when.lastUsedAt, now)}`)}
</dl>
</li>`;
}

function row(term: string, value: Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}

function connectButton({ name, label }: Provider): Html {
  return html`<button type="submit" class="quiet" name="connect" value="${name}">${connectionWords.connect(label)}</button> `;
}

/** The problem of each invalid field. */
export type FieldProblems = { readonly username?: UsernameProblem; readonly email?: EmailProblem };

export type RegistrationForm = {
  readonly csrf: string;
  readonly label: string;
  readonly typed: { readonly username: string; readonly email: string };
  readonly next: string | null;
  readonly plan: AddressPlan;
  readonly problems: FieldProblems;
  readonly tooMany: TooManyNotice | null;
};

export function registrationForm({
  csrf,
  label,
  typed,
  next,
  plan,
  problems,
  tooMany,
}: RegistrationForm): Html {
  const isEmailFirst = problems.username === undefined && problems.email !== undefined;
  const { username, email } = problems;
  const { fields } = messages;
  const wrong = [
    {
      name: 'username',
      label: fields.username,
      problem: username === undefined ? null : usernameWords.english[username],
    },
    {
      name: 'email',
      label: fields.email,
      problem: email === undefined ? null : emailFieldWords.english[email],
    },
  ] as const;
  return html`<section class="card">
<h1>${newUserWords.title}</h1>
<p class="lead">${newUserWords.lead(label)}</p>
${plan.kind === 'asked' && plan.held !== null ? html`<p class="flash notice">${newUserWords.held(plan.held)}</p>` : ''}
${formProblems(english.words, tooMany?.text ?? null, wrong)}
<form method="post" action="${paths.newcomer}" novalidate>
${csrfField(csrf)}${hiddenField('next', next)}
${field(english.words, {
  name: 'username',
  label: messages.fields.username,
  type: 'text',
  autocomplete: 'username',
  value: typed.username,
  hint: registrationWords.english.usernameHint,
  problem: wrong[0].problem,
  isFocused: !isEmailFirst && !isListed(wrong),
})}
${addressPart(plan, label, typed.email, wrong[1].problem, isEmailFirst)}
${tooMany === null ? '' : tooMany.challenge}
${submitButton(newUserWords.button)}
</form>
${linkLine(newUserWords.signInInstead, { path: withNext(paths.login, paths.connections), label: newUserWords.signIn })}
</section>`;
}

function addressPart(
  plan: AddressPlan,
  label: string,
  typed: string,
  problem: string | null,
  isFocused: boolean,
): Html | '' {
  if (plan.kind === 'none') return '';
  if (plan.kind === 'proven')
    return html`<p>${newUserWords.emailConfirmed}: <bdi>${plan.email.address}</bdi>. ${newUserWords.emailIs(label)}</p>`;
  return field(english.words, {
    name: 'email',
    label: messages.fields.email,
    type: 'email',
    autocomplete: 'email',
    value: typed,
    hint: plan.isRequired ? registrationWords.english.requiredEmailHint : registrationWords.english.emailHint,
    problem,
    isOptional: !plan.isRequired,
    isFocused,
  });
}
