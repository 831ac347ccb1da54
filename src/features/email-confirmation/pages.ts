import { html } from 'hono/html';
import { codeField } from '../../auth/pages/credential-fields.ts';
import { messages } from '../../auth/pages/messages.ts';
import type { TooManyNotice } from '../../auth/pages/too-many-notice.ts';
import { paths } from '../../auth/paths.ts';
import { csrfField, field, formProblem, quietButton, submitButton } from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { english } from '../../platform/words/words.ts';

const text = messages.emailConfirmation;

export type CodeForm = {
  readonly csrf: string;
  readonly address: string;
  readonly place: 'sign-in' | 'account';
  /** What is wrong with the code, and with the whole. */
  readonly problems: { readonly code: string | null; readonly whole: string | null };
};

/** Where the forms of the page go. */
const ACTIONS = {
  'sign-in': { code: '/login/confirm-address', resend: '/login/confirm-address/resend' },
  account: { code: '/account/confirm-address', resend: '/account/confirm-address/resend' },
} as const;

export function codePage({ csrf, address, place, problems }: CodeForm): Html {
  return html`<section class="card">
<h1>${text.title}</h1>
${formProblem(problems.whole)}
<p class="lead">${text.sentTo} <bdi>${address}</bdi>. ${text.howTo}</p>
<form method="post" action="${ACTIONS[place].code}" novalidate>
${csrfField(csrf)}
${codeField(english.words, problems.code)}
${submitButton(text.confirmCode)}
</form>
<p class="elsewhere">${text.notArrived}</p>
<form class="elsewhere" method="post" action="${ACTIONS[place].resend}">${csrfField(csrf)}${quietButton(text.resend)}</form>
${place === 'account' ? '' : html`<p class="elsewhere">${text.hadAccount} <a href="${paths.forgotPassword}">${text.chooseNewPassword}</a></p>`}
${place === 'account' ? html`<p class="elsewhere"><a href="${paths.account}">${text.back}</a></p>` : wayOut(csrf)}
</section>`;
}

function wayOut(csrf: string): Html {
  return html`<form class="elsewhere" method="post" action="${paths.cancelSignIn}">${csrfField(csrf)}${quietButton(text.cancel)}</form>`;
}

export type LinkForm = {
  readonly csrf: string;
  readonly address: string;
  /** Whose account it is; null in a browser that has not asked for the mail, which is asked for the password instead. */
  readonly username: string | null;
  /** What is wrong with the password. */
  readonly problem: string | null;
  readonly tooMany: TooManyNotice | null;
};

/**
 * Names the account only in the browser that asked for the mail: whoever registers chooses the name, and the address may
 * be that of another person.
 */
export function linkPage({ csrf, address, username, problem, tooMany }: LinkForm): Html {
  return html`<section class="card">
<h1>${text.title}</h1>
${formProblem(tooMany?.text ?? null)}
<p class="lead"><bdi>${address}</bdi></p>
<p>${username === null ? text.linkElsewhereLead : text.linkLead(username)}</p>
<form method="post" action="${paths.verifyEmail}" novalidate>
${csrfField(csrf)}
${username === null ? passwordField(problem) : ''}
${tooMany === null ? '' : tooMany.challenge}
${submitButton(text.confirmLink)}
</form>
<p class="elsewhere">${text.notYours}</p>
</section>`;
}

function passwordField(problem: string | null): Html {
  return field({
    name: 'password',
    label: messages.fields.password,
    type: 'password',
    autocomplete: 'current-password',
    problem,
    isFocused: true,
  });
}
