import { html } from 'hono/html';
import { focusedProblem } from '../../core/pages/form.ts';
import type { Html } from '../../core/pages/layout.ts';
import { messages } from '../../core/pages/messages.ts';
import { paths } from '../../core/paths.ts';

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
