import { html } from 'hono/html';
import { newPasswordField, whoField } from '../../auth/pages/credential-fields.ts';
import { messages } from '../../auth/pages/messages.ts';
import type { TooManyNotice } from '../../auth/pages/too-many-notice.ts';
import { paths } from '../../auth/paths.ts';
import type { AddedWayIn } from '../../auth/sign-in-steps/sign-in-step.ts';
import {
  checkbox,
  csrfField,
  formProblem,
  knownUsername,
  submitButton,
  trapField,
} from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { messageCard } from '../../platform/web/pages/message-card.ts';
import { agoText, momentText } from '../../platform/web/pages/time.ts';
import { english } from '../../platform/words/words.ts';
import { type PasswordRefusal, refusalInWords } from '../passwords/index.ts';

const words = messages.passwordReset;

export type RequestForm = {
  readonly csrf: string;
  /** What was typed before. */
  readonly username: string;
  readonly problem: string | null;
  readonly tooMany: TooManyNotice | null;
};

export function requestForm({ csrf, username, problem, tooMany }: RequestForm): Html {
  const text = words.request;
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblem(tooMany?.text ?? null)}
<form method="post" action="${paths.forgotPassword}" novalidate>
${csrfField(csrf)}
${whoField(english.words, { username, problem, isFocused: true })}
${tooMany === null ? '' : tooMany.challenge}
${submitButton(text.button)}
</form>
<p class="elsewhere"><a href="${paths.login}">${text.back}</a></p>
</section>`;
}

export function impossiblePage(): Html {
  const link = { path: paths.login, label: words.request.back };
  return messageCard({ ...words.impossible, link });
}

export type ResetForm = {
  readonly csrf: string;
  readonly username: string;
  readonly problem: PasswordRefusal | null;
  /** Whether it comes back because its hidden field was filled in. */
  readonly isTrapFilled: boolean;
  readonly hasTrap: boolean;
  readonly minimumCodePoints: number;
  /** What else lets people into this account, such as other sites. */
  readonly ways: readonly AddedWayIn[];
  /** The ids of those that are to stay. */
  readonly kept: readonly string[];
  /** Milliseconds of UTC. */
  readonly now: number;
};

/** The field by which a way in stays; what is not ticked goes. */
export function keepField(id: string): string {
  return `keep-${id}`;
}

export function resetForm({ csrf, username, problem, minimumCodePoints, ...others }: ResetForm): Html {
  const text = words.choose;
  const { isTrapFilled, hasTrap } = others;
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
${formProblem(isTrapFilled ? text.trapFilled : null)}
<form method="post" action="${paths.resetPassword}" novalidate>
${csrfField(csrf)}
${knownUsername(username)}
${newPasswordField(english.words, {
  label: text.password,
  problem: problem === null ? null : refusalInWords(problem),
  minimumCodePoints,
  isFocused: true,
})}
${otherWays(others)}
${hasTrap ? trapField() : ''}
${submitButton(text.button)}
</form>
<p class="elsewhere">${text.notYours}</p>
</section>`;
}

function otherWays({ ways, kept, now }: Pick<ResetForm, 'ways' | 'kept' | 'now'>): Html {
  const text = words.choose;
  if (ways.length === 0) return html``;
  return html`<fieldset>
<legend>${text.otherWays}</legend>
<p>${text.keepHint}</p>
${ways.map(({ id, label, handle, addedAt, lastUsedAt }) =>
  checkbox({
    name: keepField(id),
    label: text.keep(label, handle),
    hint: text.since(momentText(addedAt), lastUsedAt === null ? null : agoText(lastUsedAt, now)),
    isChecked: kept.includes(id),
  }),
)}
</fieldset>`;
}
