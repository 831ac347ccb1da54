import { html } from 'hono/html';
import { messages } from '../../../auth/pages/messages.ts';
import { paths, withNext } from '../../../auth/paths.ts';
import type { TooManyNotice } from '../../../platform/rate-limit/too-many-answer.ts';
import {
  csrfField,
  field,
  formProblems,
  hiddenField,
  isListed,
  linkLine,
  submitButton,
} from '../../../platform/web/pages/form.ts';
import type { Html } from '../../../platform/web/pages/layout.ts';
import type { EmailProblem, UsernameProblem } from '../../registration/index.ts';
import type { AddressPlan } from './address.ts';

/** What is wrong with each field; a field that is right is not there. */
export type NewcomerProblems = { readonly username?: UsernameProblem; readonly email?: EmailProblem };

export type NewcomerForm = {
  readonly csrf: string;
  /** What the provider is called. */
  readonly site: string;
  readonly typed: { readonly username: string; readonly email: string };
  readonly next: string | null;
  readonly plan: AddressPlan;
  readonly problems: NewcomerProblems;
  readonly tooMany: TooManyNotice | null;
};

const text = messages.externalSignIn.newcomer;

export function newcomerForm({ csrf, site, typed, next, plan, problems, tooMany }: NewcomerForm): Html {
  const isEmailFirst = problems.username === undefined && problems.email !== undefined;
  const { username, email } = problems;
  const { fields, register } = messages;
  const wrong = [
    {
      name: 'username',
      label: fields.username,
      problem: username === undefined ? null : register.username[username],
    },
    { name: 'email', label: fields.email, problem: email === undefined ? null : register.email[email] },
  ];
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(site)}</p>
${plan.kind === 'asked' && plan.held !== null ? html`<p class="flash notice">${text.held(plan.held)}</p>` : ''}
${formProblems(tooMany === null ? null : tooMany.text, wrong)}
<form method="post" action="${paths.newcomer}" novalidate>
${csrfField(csrf)}${hiddenField('next', next)}
${field({
  name: 'username',
  label: messages.fields.username,
  type: 'text',
  autocomplete: 'username',
  value: typed.username,
  hint: messages.register.usernameHint,
  problem: problems.username === undefined ? null : messages.register.username[problems.username],
  isFocused: !isEmailFirst && !isListed(wrong),
})}
${addressPart(plan, site, typed.email, problems.email, isEmailFirst)}
${tooMany === null ? '' : tooMany.challenge}
${submitButton(text.button)}
</form>
${linkLine(text.signInInstead, { path: withNext(paths.login, paths.connections), label: text.signIn })}
</section>`;
}

function addressPart(
  plan: AddressPlan,
  site: string,
  typed: string,
  problem: EmailProblem | undefined,
  isFocused: boolean,
): Html | '' {
  if (plan.kind === 'none') return '';
  if (plan.kind === 'proven')
    return html`<p>${text.emailConfirmed}: <bdi>${plan.email.address}</bdi>. ${text.emailIs(site)}</p>`;
  return field({
    name: 'email',
    label: messages.fields.email,
    type: 'email',
    autocomplete: 'email',
    value: typed,
    hint: plan.isRequired ? messages.register.requiredEmailHint : messages.register.emailHint,
    problem: problem === undefined ? null : messages.register.email[problem],
    isOptional: !plan.isRequired,
    isFocused,
  });
}
