import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { csrfField, dangerousButton, type Page } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { newDeviceWords } from './words.ts';

export type ReportPage = { readonly username: string };

export function reportView(words: Wording, form: FormView<never>, { username }: ReportPage): Page {
  const text = words(newDeviceWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
<p>${text.whatHappens}</p>
<form method="post" action="${form.path}">${csrfField(form.csrf)}${dangerousButton(text.button)}</form>
<p class="elsewhere">${text.itWasYou}</p>
</section>`;
  return { title: text.title, body };
}
