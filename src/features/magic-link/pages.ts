import { html } from 'hono/html';
import { codeField, whoField } from '../../auth/pages/credential-fields.ts';
import { signInFieldWords } from '../../auth/pages/field-words.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import type { TooManyNotice } from '../../platform/rate-limit/index.ts';
import { withNext } from '../../platform/web/next-path.ts';
import {
  checkbox,
  csrfField,
  formProblem,
  hiddenField,
  submitButton,
} from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { english } from '../../platform/words/index.ts';
import { magicLinkWords } from './words.ts';

const words = magicLinkWords;

export type RequestForm = {
  readonly csrf: string;
  /** What was typed before. */
  readonly username: string;
  readonly isRemembered: boolean;
  readonly next: string | null;
  readonly problem: string | null;
  readonly tooMany: TooManyNotice | null;
};

export function requestForm({ csrf, username, isRemembered, next, problem, tooMany }: RequestForm): Html {
  const text = words.request;
  const { remember, rememberHint } = signInFieldWords.english;
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblem(tooMany?.text ?? null)}
<form method="post" action="${paths.signInLink}" novalidate>
${csrfField(csrf)}${hiddenField('next', next)}
${whoField(english.words, { username, problem, isFocused: true })}
${tooMany === null ? '' : tooMany.challenge}
${checkbox({ name: 'remember', label: remember, hint: rememberHint, isChecked: isRemembered })}
${submitButton(text.button)}
</form>
<p class="elsewhere"><a href="${withNext(paths.login, next)}">${text.back}</a></p>
</section>`;
}

export function sentPage({
  csrf,
  problem,
}: {
  readonly csrf: string;
  readonly problem: string | null;
}): Html {
  const text = words.sent;
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblem(null)}
<form method="post" action="${paths.signInLinkSent}" novalidate>
${csrfField(csrf)}
${codeField(english.words, problem)}
${submitButton(text.button)}
</form>
<p class="elsewhere">${messages.codeField.notArrived} <a href="${paths.signInLink}">${text.again}</a></p>
</section>`;
}

export function openForm({ csrf, username }: { readonly csrf: string; readonly username: string }): Html {
  const text = words.open;
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
<form method="post" action="${paths.openSignInLink}">${csrfField(csrf)}${submitButton(text.button)}</form>
<p class="elsewhere">${text.notYours}</p>
</section>`;
}
