import { html } from 'hono/html';
import { newPasswordField, whoField } from '../../core/pages/credential-fields.ts';
import { checkbox, csrfField, formProblem, knownUsername, submitButton } from '../../core/pages/form.ts';
import type { Html } from '../../core/pages/layout.ts';
import { messageCard } from '../../core/pages/message-card.ts';
import { messages } from '../../core/pages/messages.ts';
import { paths } from '../../core/paths.ts';
import type { TooManyNotice } from '../../core/throttle/too-many-answer.ts';
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
${whoField({ username, problem, isFocused: true })}
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
  readonly minimumCodePoints: number;
  /** What else lets people into this account, such as other sites. */
  readonly otherWaysIn: readonly string[];
  /** Whether those are to be taken away. */
  readonly isCutOff: boolean;
};

export function resetForm({ csrf, username, problem, minimumCodePoints, ...others }: ResetForm): Html {
  const { otherWaysIn, isCutOff } = others;
  const text = words.choose;
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
${formProblem(null)}
<form method="post" action="${paths.resetPassword}" novalidate>
${csrfField(csrf)}
${knownUsername(username)}
${newPasswordField({
  label: text.password,
  problem: problem === null ? null : refusalInWords(problem),
  minimumCodePoints,
  isFocused: true,
})}
${
  otherWaysIn.length === 0
    ? ''
    : checkbox({
        name: 'disconnect',
        label: text.disconnect(otherWaysIn),
        hint: text.disconnectHint,
        isChecked: isCutOff,
      })
}
${submitButton(text.button)}
</form>
<p class="elsewhere">${text.notYours}</p>
</section>`;
}
