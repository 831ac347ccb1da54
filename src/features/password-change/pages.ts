import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { fieldWords } from '../../auth/words.ts';
import {
  csrfField,
  field,
  formProblems,
  type Html,
  isListed,
  linkLine,
  type Page,
  submitButton,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { knownUsername, NEW_PASSWORD, newPasswordField, newPasswordWords } from '../passwords/index.ts';
import { passwordChangeWords } from './words.ts';

export type PasswordPage = {
  readonly username: string;
  /** Whether the current password was given just now, so that it is not asked for again. */
  readonly isProven: boolean;
  /** Whether the account has none yet. */
  readonly isFirst: boolean;
  readonly minimumCodePoints: number;
};

type Field = 'currentPassword' | 'newPassword';

export function passwordView(words: Wording, form: FormView<Field>, page: PasswordPage): Page {
  const text = words(passwordChangeWords);
  // The session may be another user's when the user was refused: what the session proves is required again.
  const isProven = page.isProven && !form.hasReason('current-refused') && !form.hasReason('too-many');
  const wrong = {
    current: { name: CURRENT, label: text.current, problem: form.problemOf('currentPassword') },
    new: { name: NEW_PASSWORD, label: words(newPasswordWords).label, problem: form.problemOf('newPassword') },
  };
  const list = [wrong.current, wrong.new];
  const isCurrentRefused = form.problem !== null || wrong.current.problem !== null;
  const isCurrentFirst = !isProven && (isCurrentRefused || wrong.new.problem === null);
  const title = page.isFirst ? text.firstTitle : text.title;
  const body = html`<section class="card">
<h1>${title}</h1>
<p class="lead">${text.lead}</p>
${formProblems(words, form.problem, list)}
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}
${knownUsername(page.username)}
${isProven ? '' : currentField(words, wrong.current, isCurrentFirst && !isListed(list))}
${newPasswordField(words, {
  label: wrong.new.label,
  problem: wrong.new.problem,
  minimumCodePoints: page.minimumCodePoints,
  isFocused: !isCurrentFirst && !isListed(list),
})}
${submitButton(page.isFirst ? text.firstButton : text.button)}
</form>
${isProven ? '' : linkLine('', { path: paths.forgotPassword, label: words(fieldWords).forgottenPassword })}
<p class="elsewhere"><a href="${paths.account}">${words(fieldWords).backToAccount}</a></p>
</section>`;
  return { title, body };
}

const CURRENT = 'current-password';

function currentField(
  words: Wording,
  { label, problem }: { label: string; problem: string | null },
  isFocused: boolean,
): Html {
  return field(words, { name: CURRENT, label, type: 'password', autocomplete: CURRENT, problem, isFocused });
}
