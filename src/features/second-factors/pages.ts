import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { fieldWords } from '../../auth/words.ts';
import {
  csrfField,
  facts,
  field,
  formProblem,
  type Html,
  type Page,
  quietButton,
  submitButton,
} from '../../platform/web/index.ts';
import type { Wording, Words } from '../../platform/words/index.ts';
import { codeWords, securityWords, stepWords } from './words.ts';

/** The words of the page of one kind of factor in a sign-in. */
export type CodeStepWords = {
  readonly title: string;
  readonly lead: (username: string) => string;
  readonly code: string;
  readonly hint: string;
};

export type CodePage = {
  readonly username: string;
  readonly step: Words<CodeStepWords>;
  readonly isNumeric: boolean;
  readonly others: readonly OtherFactor[];
};

/** The page of another factor of the account; without a label, that for a user who has lost all of them. */
export type OtherFactor = {
  readonly path: string;
  readonly label: ((words: Wording) => string) | null;
};

export function otherFactors(words: Wording, others: readonly OtherFactor[]): readonly Html[] {
  const { instead, lost } = words(codeWords);
  return others.map(({ path, label }) => {
    const text = label === null ? lost : instead(label(words));
    return html`<p class="elsewhere"><a href="${path}">${text}</a></p>`;
  });
}

export function codeView(
  words: Wording,
  form: FormView<'code'>,
  { username, step, isNumeric, others }: CodePage,
): Page {
  const text = words(step);
  const shared = words(codeWords);
  const problem = form.problemOf('code');
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
${formProblem(form.problem)}
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}
${field(words, { name: 'code', label: text.code, type: 'text', hint: text.hint, problem, isFocused: true, ...typing(isNumeric) })}
${form.challenge}
${submitButton(shared.button)}
</form>
${otherFactors(words, others)}
${cancelSignIn(words, form)}
</section>`;
  return { title: text.title, body };
}

function typing(isNumeric: boolean) {
  return isNumeric
    ? ({ autocomplete: 'one-time-code', inputMode: 'numeric' } as const)
    : ({ autocomplete: 'off' } as const);
}

/** A button that gives up the pending sign-in. */
export function cancelSignIn(words: Wording, { csrf }: Pick<FormView, 'csrf'>): Html {
  return html`<form class="elsewhere" method="post" action="${paths.cancelSignIn}">${csrfField(csrf)}${quietButton(words(codeWords).cancel)}</form>`;
}

/** Shown where no feature of this server knows the factors of an account. */
export function unavailableView(
  words: Wording,
  form: FormView,
  { username }: { readonly username: string },
): Page {
  const text = words(stepWords);
  return {
    title: text.title,
    body: html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.unavailable(username)}</p>
${cancelSignIn(words, form)}
</section>`,
  };
}

/** What a user should do next, and where. */
export type NextStep = { readonly text: string; readonly label: string; readonly path: string };

export type SecurityPage = {
  readonly isProtected: boolean;
  readonly next: NextStep | null;
  readonly factors: readonly {
    readonly label: string;
    readonly path: string;
    /** Its state; null where the account has none of its kind. */
    readonly text: string | null;
  }[];
};

/** How well an account is protected in one sentence, the next step, and every second factor. */
export function securityView(
  words: Wording,
  _form: FormView,
  { isProtected, next, factors }: SecurityPage,
): Page {
  const text = words(securityWords);
  const row = ({ label, path, text: standing }: SecurityPage['factors'][number]) =>
    [label, html`${standing ?? text.none} <a href="${path}">${text.manage(label)}</a>`] as const;
  return {
    title: text.title,
    body: html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${isProtected ? text.twoFactors : text.oneFactor}</p>
${next === null ? html`<p>${text.nothingToDo}</p>` : html`<p>${next.text} <a href="${next.path}">${next.label}</a></p>`}
${facts(factors.map(row))}
<p class="elsewhere"><a href="${paths.account}">${words(fieldWords).backToAccount}</a></p>
</section>`,
  };
}
