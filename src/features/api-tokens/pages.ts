import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { fieldWords } from '../../auth/words.ts';
import {
  agoText,
  csrfField,
  field,
  formProblem,
  type Html,
  type Page,
  submitButton,
  timeOf,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import type { ApiToken } from './api-token.ts';
import { USUAL_DAYS } from './lifetimes.ts';
import { createdTokenWords, newTokenWords, tokensWords } from './words.ts';

export type TokensPage = {
  readonly tokens: readonly ApiToken[];
  /** Milliseconds of UTC. */
  readonly now: number;
};

// One form for all of them, whose buttons say which.
export function tokensView(words: Wording, { csrf }: FormView, { tokens, now }: TokensPage): Page {
  const text = words(tokensWords);
  const body = html`<h1>${text.title}</h1>
<p class="lead">${tokens.length === 0 ? text.none : text.lead}</p>
<p class="elsewhere"><a href="/account/tokens/new">${text.create}</a></p>
${tokens.length === 0 ? '' : tokenList(words, csrf, { tokens, now })}
<p class="elsewhere"><a href="${paths.account}">${words(fieldWords).backToAccount}</a></p>`;
  return { title: text.title, body, width: 'wide' };
}

function tokenList(words: Wording, csrf: string, { tokens, now }: TokensPage): Html {
  const text = words(tokensWords);
  return html`<form method="post" action="/account/tokens/revoke">${csrfField(csrf)}
<ul class="sessions card">
${tokens.map((token) => item(words, token, now))}
</ul>
</form>
<form class="elsewhere" method="post" action="/account/tokens/revoke-all">${csrfField(csrf)}<button type="submit" class="quiet">${text.revokeAll}</button></form>`;
}

function item(words: Wording, token: ApiToken, now: number): Html {
  const text = words(tokensWords);
  const { id, name, scopes, createdAt, expiresAt, lastUsedAt } = token;
  return html`<li>
<div class="heading"><h2><bdi>${name}</bdi></h2></div>
<button type="submit" class="quiet" name="token" value="${id}">${text.revoke}<span class="unseen"> ${name}</span></button>
<dl>
${scopes.length === 0 ? '' : row(text.scopes, html`${scopes.join(', ')}`)}
${row(text.lastUsed, html`${lastUsedAt === null ? text.never : agoText(words, lastUsedAt, now)}`)}
${row(text.created, timeOf(words, createdAt))}
${row(text.expires, timeOf(words, expiresAt))}
</dl>
</li>`;
}

function row(term: string, value: Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}

export type NewTokenPage = {
  /** Those that the application defines. */
  readonly scopes: readonly string[];
  /** The lifetimes that are offered. */
  readonly days: readonly number[];
};

/** The name of the checkbox of a scope. */
export function scopeField(scope: string): `scope-${string}` {
  return `scope-${scope}`;
}

type NewTokenForm = FormView<'name' | 'expires' | `scope-${string}`>;

export function newTokenView(words: Wording, form: NewTokenForm, { scopes, days }: NewTokenPage): Page {
  const text = words(newTokenWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblem(form.problem)}
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}
${field(words, {
  name: 'name',
  label: text.name,
  type: 'text',
  autocomplete: 'off',
  value: form.value('name'),
  hint: text.nameHint,
  problem: form.problemOf('name'),
  isFocused: true,
})}
${scopes.length === 0 ? '' : scopeChoices(words, form, scopes)}
${lifetimeChoices(words, form, days)}
${submitButton(text.button)}
</form>
<p class="elsewhere"><a href="${paths.apiTokens}">${text.back}</a></p>
</section>`;
  return { title: text.title, body };
}

function scopeChoices(words: Wording, form: NewTokenForm, scopes: readonly string[]): Html {
  const text = words(newTokenWords);
  const choices = scopes.map((scope, number) => {
    const name = scopeField(scope);
    return choice(
      { type: 'checkbox', id: `scope-${number}`, name, value: 'on', isChecked: form.value(name) !== '' },
      scope,
    );
  });
  return html`<fieldset aria-describedby="scopes-hint"><legend>${text.scopes}</legend>
<p class="hint" id="scopes-hint">${text.scopesHint}</p>
${choices}</fieldset>`;
}

function lifetimeChoices(words: Wording, form: NewTokenForm, days: readonly number[]): Html {
  const text = words(newTokenWords);
  const usual = days.includes(USUAL_DAYS) ? USUAL_DAYS : days.at(-1);
  const chosen = form.value('expires') || `${usual}d`;
  const problem = form.problemOf('expires');
  const choices = days.map((count) => {
    const value = `${count}d`;
    const input = {
      type: 'radio',
      id: `expires-${value}`,
      name: 'expires',
      value,
      isChecked: value === chosen,
    } as const;
    return choice(input, text.days(count));
  });
  return html`<fieldset><legend>${text.expires}</legend>
${problem === null ? '' : html`<p class="problem">${problem}</p>`}
${choices}</fieldset>`;
}

type Choice = {
  readonly type: 'checkbox' | 'radio';
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly isChecked: boolean;
};

function choice({ type, id, name, value, isChecked }: Choice, label: string): Html {
  return html`<div class="choice">
<input id="${id}" name="${name}" type="${type}" value="${value}"${isChecked ? html` checked` : ''}>
<label for="${id}">${label}</label>
</div>`;
}

export type CreatedTokenPage = { readonly token: string; readonly name: string };

/** The one page that shows a token. */
export function createdTokenView(words: Wording, { token, name }: CreatedTokenPage): Page {
  const text = words(createdTokenWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(name)}</p>
<div class="field"><label for="token">${text.label}</label>
<div class="control"><input id="token" type="text" value="${token}" readonly autocomplete="off" spellcheck="false" aria-describedby="token-hint" autofocus></div>
<p class="hint" id="token-hint">${text.secrecy}</p></div>
<p class="elsewhere"><a href="${paths.apiTokens}">${text.done}</a></p>
</section>`;
  return { title: text.title, body };
}
