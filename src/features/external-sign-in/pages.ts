import { html } from 'hono/html';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import { focusedProblem } from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';

type Going = { readonly title: string; readonly lead: string; readonly link: string; readonly url: URL };

/** What stands there for the moment until the browser goes on, and for those whose browser does not by itself. */
export function goingPage({ title, lead, link, url }: Going): Html {
  return html`<section class="card">
<h1>${title}</h1>
<p class="lead">${lead}</p>
<p class="elsewhere"><a href="${url.href}" rel="noreferrer">${link}</a></p>
</section>`;
}

export function tooManyPage(title: string, when: string): Html {
  return html`<section class="card">
<h1>${title}</h1>
${focusedProblem(when)}
<p class="elsewhere"><a href="${paths.login}">${messages.login.title}</a></p>
</section>`;
}
