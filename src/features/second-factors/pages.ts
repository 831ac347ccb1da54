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
  timeOf,
} from '../../platform/web/index.ts';
import type { Wording, Words } from '../../platform/words/index.ts';
import { rememberDeviceField } from '../remembered-devices/index.ts';
import { codeWords, reminderWords, securityWords, setupStepWords, stepWords } from './words.ts';

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
  /** For how long the browser can be remembered, in milliseconds; null for not at all. */
  readonly remembers: number | null;
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
  form: FormView<'code' | 'rememberDevice'>,
  { username, step, isNumeric, remembers, others }: CodePage,
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
${remembers === null ? '' : rememberDeviceField(words, remembers, form.value('rememberDevice') !== '')}
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

export type SetupStepPage = {
  readonly username: string;
  readonly choices: readonly { readonly path: string; readonly label: (words: Wording) => string }[];
};

export function setupStepView(words: Wording, form: FormView, { username, choices }: SetupStepPage): Page {
  const text = words(setupStepWords);
  return {
    title: text.title,
    body: html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
${choices.length === 0 ? html`<p>${text.unavailable}</p>` : html`<ul>${choices.map(({ path, label }) => html`<li><a href="${path}">${label(words)}</a></li>`)}</ul>`}
${cancelSignIn(words, form)}
</section>`,
  };
}

/** Until when the account of a page works without the second factor that it needs; nothing where it needs none. */
export function factorReminder(words: Wording, until: number | null): Html | '' {
  if (until === null) return '';
  const text = words(reminderWords);
  return html`<p class="flash notice">${text.before} <strong>${timeOf(words, until)}</strong> ${text.after} <a href="${paths.security}">${text.link}</a></p>`;
}

/** What a user should do next, and where. */
export type NextStep = { readonly text: string; readonly label: string; readonly path: string };

export type SecurityPage = {
  readonly isProtected: boolean;
  /** Until when the account works without the second factor that it needs; null where it needs none. */
  readonly until: number | null;
  readonly next: NextStep | null;
  readonly factors: readonly {
    readonly label: string;
    readonly path: string;
    /** Its state; null where the account has none of its kind. */
    readonly text: string | null;
  }[];
  /** What other features have of the account. */
  readonly panels: readonly { readonly label: string; readonly path: string; readonly text: string }[];
};

type Shown = { readonly label: string; readonly path: string; readonly text: string | null };

/** How well an account is protected in one sentence, the next step, and every second factor. */
export function securityView(
  words: Wording,
  _form: FormView,
  { isProtected, until, next, factors, panels }: SecurityPage,
): Page {
  const text = words(securityWords);
  const row = ({ label, path, text: standing }: Shown) =>
    [label, html`${standing ?? text.none} <a href="${path}">${text.manage(label)}</a>`] as const;
  return {
    title: text.title,
    body: html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${isProtected ? text.twoFactors : text.oneFactor}</p>
${until === null ? '' : html`<p>${text.requiredBefore} <strong>${timeOf(words, until)}</strong>${text.requiredAfter}</p>`}
${next === null ? html`<p>${text.nothingToDo}</p>` : html`<p>${next.text} <a href="${next.path}">${next.label}</a></p>`}
<h2>${text.signInTitle}</h2>
${facts(factors.map(row))}
<h2>${text.restTitle}</h2>
${facts(panels.map(row))}
<p class="elsewhere"><a href="${paths.account}">${text.events}</a></p>
<p class="elsewhere"><a href="${paths.account}">${words(fieldWords).backToAccount}</a></p>
</section>`,
  };
}
