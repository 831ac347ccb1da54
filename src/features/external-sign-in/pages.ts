import { html } from 'hono/html';
import type { Html } from '../../core/pages/layout.ts';
import { messages } from '../../core/pages/messages.ts';
import { paths } from '../../core/paths.ts';

/** What stands there for the moment until the browser goes on, and for those whose browser does not by itself. */
export function goingPage(label: string, url: URL): Html {
  const text = messages.externalSignIn.going;
  return html`<section class="card">
<h1>${text.title(label)}</h1>
<p class="lead">${text.lead(label)}</p>
<p class="elsewhere"><a href="${url.href}" rel="noreferrer">${text.link(label)}</a></p>
</section>`;
}

export function tooManyPage(title: string, when: string): Html {
  return html`<section class="card">
<h1>${title}</h1>
<p class="flash problem" role="alert">${when}</p>
<p class="elsewhere"><a href="${paths.login}">${messages.login.title}</a></p>
</section>`;
}
