import { html } from 'hono/html';
import type { ShownMail } from '../../platform/mail/index.ts';
import { facts, type Html, renderPage, type Site, timeOf } from '../../platform/web/index.ts';
import type { Language, Wording } from '../../platform/words/index.ts';
import { mailboxWords } from './words.ts';

export const mailboxPath = '/dev/mailbox';

export function mailboxPage(language: Language, site: Site, mails: readonly ShownMail[]): Html {
  const { words } = language;
  const text = words(mailboxWords);
  const body = html`<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${mails.length === 0 ? html`<p class="card">${text.empty}</p>` : html`<ul class="sessions card">${mails.map((mail) => item(words, mail))}</ul>`}`;
  return renderPage(site, { language, title: text.title, body, flash: [], width: 'wide' });
}

function item(words: Wording, { id, subject, to, date, message }: ShownMail): Html {
  const text = words(mailboxWords);
  return html`<li>
<div class="heading"><h2><a href="/dev/mailbox/mail?id=${id}">${subject}</a></h2></div>
${facts([
  [text.to, html`${to}`],
  [text.written, timeOf(words, date.getTime())],
  [text.kind, html`<code>${message}</code>`],
])}
</li>`;
}

export function mailPage(language: Language, site: Site, mail: ShownMail): Html {
  const { words } = language;
  const text = words(mailboxWords);
  const { id, subject, from, to, date } = mail;
  const body = html`<h1>${subject}</h1>
<section class="card">
${facts([
  [text.from, html`${from.name} &lt;${from.address}&gt;`],
  [text.to, html`${to}`],
  [text.written, timeOf(words, date.getTime())],
])}
<p class="elsewhere"><a href="/dev/mailbox/source?id=${id}">${text.source}</a></p>
</section>
<section class="card">
<h2>${text.asHtml}</h2>
<iframe class="mail" title="${text.asHtml}" src="/dev/mailbox/html?id=${id}" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>
</section>
<section class="card">
<h2>${text.asText}</h2>
<pre class="mail" tabindex="0">${withLinks(mail.text)}</pre>
</section>
<p class="elsewhere"><a href="${mailboxPath}">${text.back}</a></p>`;
  return renderPage(site, { language, title: subject, body, flash: [], width: 'wide' });
}

// The pieces at odd places are what the pattern has caught.
function withLinks(plain: string): readonly (Html | string)[] {
  return plain
    .split(/(https?:\/\/\S+)/)
    .map((piece, place) =>
      place % 2 === 0 ? piece : html`<a href="${piece}" target="_blank" rel="noopener">${piece}</a>`,
    );
}

/** A frame has no room for the pages that links lead to. */
export function withLinksInNewTabs(document: string): string {
  const base = '<base target="_blank">';
  return document.includes('<head>') ? document.replace('<head>', `<head>\n${base}`) : base + document;
}
