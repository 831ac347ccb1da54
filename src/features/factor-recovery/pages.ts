import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import {
  csrfField,
  dangerousButton,
  formProblem,
  type Html,
  momentText,
  type Page,
  submitButton,
} from '../../platform/web/index.ts';
import { localeWords, type Wording } from '../../platform/words/index.ts';
import { knownUsername, passwordField } from '../passwords/index.ts';
import { cancelSignIn } from '../second-factors/index.ts';
import { lostWords, stopWords } from './words.ts';

/** The button of a signed-in device. */
export const STOP_HERE = '/account/stop-factor-recovery';

export type LostPage = {
  readonly username: string;
  /** The page that asks for the factor. */
  readonly back: string;
  /** The one that is pending; null without one. */
  readonly recovery: { readonly dueAt: number; readonly expiresAt: number; readonly isDue: boolean } | null;
  /** From when the password would be enough if the user began to wait now; null where that cannot be. */
  readonly from: number | null;
  /** Whether the password is the second proof. */
  readonly asksForPassword: boolean;
  /** Whether the provider would be a proof if it had asked the user. */
  readonly isSilent: boolean;
  /** Where the user could sign in for a second proof. */
  readonly providers: readonly string[];
};

export function lostView(words: Wording, form: FormView<'password'>, page: LostPage): Page {
  const text = words(lostWords);
  const ways = [
    ...(page.recovery === null ? [] : [recoveryPart(words, form, page.recovery)]),
    ...(page.asksForPassword ? [passwordPart(words, form, page.username)] : []),
    ...(page.isSilent ? [html`<p>${text.silent}</p>`] : []),
    ...(page.providers.length === 0 ? [] : [html`<p>${text.providers(listed(words, page.providers))}</p>`]),
    ...(page.from === null ? [] : [delayPart(words, form, page.from)]),
  ];
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(page.username)}</p>
${formProblem(form.problem)}
<p><a href="${page.back}">${text.back}</a></p>
${ways}
${ways.length === 0 ? html`<p>${text.nothing}</p>` : html`<p class="elsewhere">${text.nothingElse}</p>`}
${cancelSignIn(words, form)}
</section>`;
  return { title: text.title, body };
}

function listed(words: Wording, labels: readonly string[]): string {
  return new Intl.ListFormat(words(localeWords).locale, { type: 'disjunction' }).format(labels);
}

function passwordPart(words: Wording, form: FormView<'password'>, username: string): Html {
  const { title, lead, button } = words(lostWords).twoProofs;
  return html`<h2>${title}</h2>
<p>${lead}</p>
<form method="post" action="${paths.lostFactor}" novalidate>
${csrfField(form.csrf)}
${knownUsername(username)}
${passwordField(words, form.problemOf('password'), true)}
${form.challenge}
${dangerousButton(button)}
</form>`;
}

function delayPart(words: Wording, { csrf }: Pick<FormView, 'csrf'>, from: number): Html {
  const { title, lead, button } = words(lostWords).delay;
  return html`<h2>${title}</h2>
<p>${lead(momentText(words, from))}</p>
<form method="post" action="${paths.lostFactor}/request">${csrfField(csrf)}${submitButton(button)}</form>`;
}

function recoveryPart(
  words: Wording,
  { csrf }: Pick<FormView, 'csrf'>,
  { dueAt, expiresAt, isDue }: NonNullable<LostPage['recovery']>,
): Html {
  const { waiting, due } = words(lostWords);
  if (!isDue)
    return html`<h2>${waiting.title}</h2>
<p>${waiting.lead(momentText(words, dueAt))}</p>`;
  return html`<h2>${due.title}</h2>
<p>${due.lead(momentText(words, expiresAt))}</p>
<form method="post" action="${paths.lostFactor}/complete">${csrfField(csrf)}${dangerousButton(due.button)}</form>`;
}

export type StopPage = { readonly username: string; readonly dueAt: number };

export function stopView(words: Wording, form: FormView<never>, { username, dueAt }: StopPage): Page {
  const text = words(stopWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username, momentText(words, dueAt))}</p>
<p>${text.whatHappens}</p>
<form method="post" action="${form.path}">${csrfField(form.csrf)}${dangerousButton(text.button)}</form>
<p class="elsewhere">${text.itWasYou}</p>
</section>`;
  return { title: text.title, body };
}

export function stopBanner(
  words: Wording,
  csrf: string,
  { dueAt, isDue }: { readonly dueAt: number; readonly isDue: boolean },
): Html {
  const text = words(stopWords);
  const said = isDue ? text.bannerDue : text.banner(momentText(words, dueAt));
  return html`<div class="flash notice" role="status"><p>${said}</p><form method="post" action="${STOP_HERE}">${csrfField(csrf)}${dangerousButton(text.button)}</form></div>
`;
}
