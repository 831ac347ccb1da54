import { html } from 'hono/html';
import type { Wording } from '../../words/index.ts';
import { TRAP_FIELD } from '../form.ts';
import { formWords } from '../words.ts';
import { type Html, MESSAGES_ID } from './layout.ts';

export type Field = {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'email' | 'password';
  /** What browsers and password managers fill in. @see WCAG 2.2, 1.3.5; HTML §4.10.18.7 */
  readonly autocomplete: string;
  /** Has phones show the keys of digits. */
  readonly inputMode?: 'numeric';
  /** What was typed before; never given for passwords. */
  readonly value?: string;
  readonly hint?: string;
  /** What is wrong with it, in plain words. */
  readonly problem?: string | null;
  readonly isOptional?: boolean;
  /** The one field that the page begins at; it refers to the messages above it. */
  readonly isFocused?: boolean;
};

const FORM_PROBLEM_ID = 'form-problem';

/**
 * A labelled field with its hint and its problem beside it, tied together for screen readers. They begin to read at the
 * focused field, so that one refers to what is said above it, too: a form with one needs a `formProblem`.
 */
export function field(
  words: Wording,
  { name, label, hint, problem = null, isOptional = false, ...input }: Field,
): Html {
  const described = [
    ...(input.isFocused === true ? [MESSAGES_ID, FORM_PROBLEM_ID] : []),
    ...(problem === null ? [] : [`${name}-problem`]),
    ...(hint === undefined ? [] : [`${name}-hint`]),
  ];
  return html`<div class="field">
<label for="${name}">${label}${isOptional ? html` <span class="optional">${words(formWords).optional}</span>` : ''}</label>
${problem === null ? '' : html`<p class="problem" id="${name}-problem">${problem}</p>`}
<div class="control"><input id="${name}" name="${name}" type="${input.type}" autocomplete="${input.autocomplete}"${input.inputMode === undefined ? '' : html` inputmode="${input.inputMode}"`}
${input.type === 'password' ? '' : html` value="${input.value ?? ''}"`}${writing(words, input.type)}
${described.length === 0 ? '' : html` aria-describedby="${described.join(' ')}"`}${problem === null ? '' : html` aria-invalid="true"`}
${isOptional ? '' : html` required`}${input.isFocused ? html` autofocus` : ''}></div>
${hint === undefined ? '' : html`<p class="hint" id="${name}-hint">${hint}</p>`}
</div>`;
}

// Names and passwords are no prose: nothing may be corrected or capitalised in them, also while a password is shown,
// when its field is one of text.
function writing(words: Wording, type: Field['type']): Html {
  const asTyped = html` autocapitalize="none" autocorrect="off" spellcheck="false"`;
  if (type === 'text') return html` dir="auto"${asTyped}`;
  if (type === 'email') return asTyped;
  return html`${asTyped} data-show="${words(formWords).showPassword}"`;
}

export type Checkbox = {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly isChecked: boolean;
};

/** A choice that is sent as `on`, or not at all. */
export function checkbox({ name, label, hint, isChecked }: Checkbox): Html {
  return html`<div class="choice">
<input id="${name}" name="${name}" type="checkbox" value="on" aria-describedby="${name}-hint"${isChecked ? html` checked` : ''}>
<label for="${name}">${label}</label>
<p class="hint" id="${name}-hint">${hint}</p>
</div>`;
}

export function csrfField(token: string): Html {
  return html`<input type="hidden" name="csrf" value="${token}">`;
}

/**
 * A field that no user sees, hears or reaches by a key. The attributes ask password managers to leave it alone; not all
 * of them do.
 */
export function trapField(words: Wording): Html {
  const name = TRAP_FIELD;
  return html`<div class="unseen" aria-hidden="true"><label for="${name}">${words(formWords).trap}</label><input id="${name}" name="${name}" type="text" autocomplete="off" tabindex="-1" data-1p-ignore data-lpignore="true" data-bwignore data-form-type="other"></div>`;
}

/** A hidden field, left out when there is nothing to carry. */
export function hiddenField(name: string, value: string | null): Html | '' {
  return value === null ? '' : html`<input type="hidden" name="${name}" value="${value}">`;
}

export function submitButton(label: string): Html {
  return html`<button type="submit">${label}</button>`;
}

/** A button for a secondary action. */
export function quietButton(label: string): Html {
  return html`<button class="quiet" type="submit">${label}</button>`;
}

/** A button for an action that cannot be undone. */
export function dangerousButton(label: string): Html {
  return html`<button class="danger" type="submit">${label}</button>`;
}

/** A field and its problem. */
export type FieldProblem = Pick<Field, 'name' | 'label'> & { readonly problem: string | null };

/** The part above a form: what is wrong with it as a whole. The focused field refers to it. */
export function formProblem(text: string | null): Html {
  return html`<div class="form-problem" id="${FORM_PROBLEM_ID}">${text === null ? '' : html`<p class="flash problem" role="alert">${text}</p>`}</div>`;
}

/** The same on a page without a field that could have the focus. */
export function focusedProblem(text: string): Html {
  return html`<div class="form-problem" id="${FORM_PROBLEM_ID}" tabindex="-1" autofocus><p class="flash problem" role="alert">${text}</p></div>`;
}

/** Whether problems are listed above the form: one alone is shown at its field, which has the focus. */
export function isListed(problems: readonly FieldProblem[]): boolean {
  return problems.filter(({ problem }) => problem !== null).length > 1;
}

/** The name of the field that has the focus: the first wrong one, else `first`; null where the problems are listed. */
export function focusedField(problems: readonly FieldProblem[], first: string): string | null {
  if (isListed(problems)) return null;
  return problems.find(({ problem }) => problem !== null)?.name ?? first;
}

/** The same for a form in which several fields may be wrong: a focused list of them, which leads to each. */
export function formProblems(words: Wording, text: string | null, problems: readonly FieldProblem[]): Html {
  if (text !== null || !isListed(problems)) return formProblem(text);
  const wrong = problems.filter(({ problem }) => problem !== null);
  return html`<div class="form-problem" id="${FORM_PROBLEM_ID}" tabindex="-1" autofocus><div class="flash problem" role="alert">
<p>${words(formWords).severalProblems(wrong.length)}</p>
<ul>${wrong.map(({ name, label, problem }) => html`<li><a href="#${name}">${label}</a>: ${problem}</li>`)}</ul>
</div></div>`;
}

export function linkLine(question: string, link: { readonly path: string; readonly label: string }): Html {
  return html`<p class="elsewhere">${question} <a href="${link.path}">${link.label}</a></p>`;
}
