import { html } from 'hono/html';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import { csrfField, dangerousButton } from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';

const text = messages.newDevice;

type ReportForm = { readonly csrf: string; readonly username: string };

export function reportForm({ csrf, username }: ReportForm): Html {
  return html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.lead(username)}</p>
<p>${text.whatHappens}</p>
<form method="post" action="${paths.reportSignIn}">${csrfField(csrf)}${dangerousButton(text.button)}</form>
<p class="elsewhere">${text.itWasYou}</p>
</section>`;
}
