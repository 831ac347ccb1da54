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
import { pageWords, signInCodesWords } from './words.ts';

export type CodesPage = {
  readonly username: string;
  /** Those that were just made; null where they are not shown any more. */
  readonly codes: readonly string[] | null;
  readonly left: number;
};

export function codesView(words: Wording, form: FormView, { username, codes, left }: CodesPage): Page {
  const text = words(pageWords);
  return {
    title: text.title,
    body: html`<section class="card">
<h1>${text.title}</h1>
${formProblem(form.problem)}
${codes === null ? html`<p class="lead">${text.lead}</p><p>${text.left(left)}</p>` : newCodes(words, form, username, codes)}
<form class="elsewhere" method="post" action="/account/recovery-codes">${csrfField(form.csrf)}${codes === null ? submitButton(text.create) : quietButton(text.createAgain)}</form>
<p class="elsewhere"><a href="${paths.security}">${text.back}</a></p>
</section>`,
  };
}

function newCodes(words: Wording, { csrf }: FormView, username: string, codes: readonly string[]): Html {
  const text = words(pageWords);
  const page = { username, codes, download: '/account/recovery-codes/download' };
  return html`${codeList(words, text, page)}
<form method="post" action="/account/recovery-codes">${csrfField(csrf)}<input type="hidden" name="saved" value="on">${submitButton(text.saved)}</form>`;
}

type CodeList = {
  readonly username: string;
  readonly codes: readonly string[];
  /** The address of the file. */
  readonly download: string;
};

type ListWords = { readonly keep: (username: string) => string; readonly once: string };

function codeList(words: Wording, said: ListWords, { username, codes, download }: CodeList): Html {
  const text = words(pageWords);
  return html`<p class="lead">${said.keep(username)}</p>
<p>${said.once}</p>
<ul class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
<p><a href="${download}">${text.download}</a></p>`;
}

export type SignInCodesPage = Omit<CodeList, 'codes'> & Pick<CodesPage, 'codes'>;

/** The codes of a factor that a sign-in has set up. */
export function signInCodesView(
  words: Wording,
  { path, csrf }: FormView,
  { codes, ...page }: SignInCodesPage,
): Page {
  const text = words(pageWords);
  const own = words(signInCodesWords);
  return {
    title: text.title,
    body: html`<section class="card">
<h1>${text.title}</h1>
${codes === null ? html`<p class="lead">${own.hidden}</p>` : codeList(words, own, { ...page, codes })}
<form method="post" action="${path}">${csrfField(csrf)}${submitButton(codes === null ? own.signIn : own.savedAndSignIn)}</form>
</section>`,
  };
}
