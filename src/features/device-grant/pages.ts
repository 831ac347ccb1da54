import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import {
  agoText,
  csrfField,
  type DeviceName,
  deviceWords,
  type Fact,
  facts,
  field,
  focusedProblem,
  formProblem,
  type Html,
  hiddenField,
  type Page,
  submitButton,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import type { DeviceGrant } from './device-grants.ts';
import { codeWords, confirmWords } from './words.ts';

export type CodePage = {
  /** What a link has filled in. */
  readonly code: string;
};

export function codeView(words: Wording, form: FormView<'userCode'>, { code }: CodePage): Page {
  const text = words(codeWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${formProblem(form.problem)}
<p class="flash notice">${text.warning}</p>
<form method="post" action="${form.path}" novalidate>
${csrfField(form.csrf)}
${field(words, {
  name: 'user-code',
  label: text.code,
  type: 'text',
  autocomplete: 'off',
  value: form.isSent ? form.value('userCode') : code,
  hint: text.codeHint,
  problem: form.problemOf('userCode'),
  isFocused: true,
})}
${form.challenge}
${submitButton(text.button)}
</form>
</section>`;
  return { title: text.title, body };
}

export type ConfirmPage = Omit<DeviceGrant, 'device'> & {
  readonly username: string;
  readonly name: DeviceName;
  /** Null if it is unknown. */
  readonly address: string | null;
  readonly location: string | null;
  /** Milliseconds of UTC. */
  readonly now: number;
};

export function confirmView(words: Wording, form: FormView, page: ConfirmPage): Page {
  const text = words(confirmWords);
  const { id, client, username } = page;
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(client, username)}</p>
${form.problem === null ? '' : focusedProblem(form.problem)}
${facts(factsAbout(words, page))}
<p class="flash notice">${text.warning}</p>
<form class="ways" method="post" action="${form.path}">
${csrfField(form.csrf)}${hiddenField('grant', id)}
<button type="submit" class="quiet" name="decision" value="deny">${text.deny}</button>
<button type="submit" name="decision" value="allow">${text.allow}</button>
</form>
</section>`;
  return { title: text.title, body };
}

function factsAbout(words: Wording, page: ConfirmPage): readonly Fact[] {
  const text = words(confirmWords);
  const { userCode, scopes, address, location, createdAt, now } = page;
  const place = location === null ? '' : more(text.place(location));
  return [
    [text.code, html`<code class="compare">${userCode}</code>${more(text.codeHint)}`],
    [text.scopes, html`${scopes.length === 0 ? text.everything : scopes.join(', ')}`],
    [text.device, deviceOf(words, page.name)],
    [text.from, html`${address ?? text.unknownAddress}${place}`],
    [text.asked, html`${agoText(words, createdAt, now)}`],
  ];
}

/** As the device calls itself, which proves nothing. */
function deviceOf(words: Wording, { browser, system, selfName }: DeviceName): Html {
  if (browser !== null) return html`${words(deviceWords).device(browser, system)}`;
  return selfName === null ? html`${words(confirmWords).unknownDevice}` : html`<bdi>${selfName}</bdi>`;
}

function more(text: string): Html {
  return html` <span class="more">${text}</span>`;
}
