import { html, raw } from 'hono/html';
import { type Letter, type Link, mailWords } from '../../auth/mail/words.ts';
import { messages } from '../../auth/pages/messages.ts';
import type { Accent } from '../web/pages/accent.ts';
import type { Html } from '../web/pages/layout.ts';

/** What the mails of a site look like. */
export type MailLook = { readonly siteName: string; readonly accent: Accent };

/**
 * A mail as HTML: one column, no table, no image, nothing that is loaded, and readable where styles are left out.
 * Everything in the letter is escaped (A43).
 */
export async function htmlPart(letter: Letter, look: MailLook): Promise<string> {
  const { subject, username, lead, action, code, limits, facts, advice, help } = letter;
  const document = html`<!doctype html>
<html lang="${messages.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>
<style>${raw(styles(look.accent))}</style>
</head>
<body>
<div class="letter">
<p class="site">${look.siteName}</p>
<h1>${subject}</h1>
<p>${mailWords.greeting(username)}</p>
${lead.map(paragraph)}
${action === null ? '' : button(action)}
${code === null ? '' : html`<p>${code.before}</p>\n<p class="code">${code.code}</p>`}
${limits === null ? '' : html`<p class="small">${limits}</p>`}
${facts.length === 0 ? '' : html`<p class="facts">${facts.map(fact)}</p>`}
${advice.map(paragraph)}
${help === null ? '' : html`<p><a href="${help.address}">${help.label}</a></p>`}
<p class="footer">${mailWords.footer(look.siteName)}</p>
</div>
</body>
</html>
`;
  return String(await document);
}

function paragraph(text: string): Html {
  return html`<p>${text}</p>\n`;
}

// The address in full stands below the button, for those whose mail program shows no links.
function button({ label, address }: Link): Html {
  return html`<p><a class="button" href="${address}">${label}</a></p>
<p class="small">${mailWords.orOpen}<br><a class="address" href="${address}">${address}</a></p>`;
}

function fact([term, value]: Letter['facts'][number], position: number): Html {
  return html`${position === 0 ? '' : raw('<br>')}<strong>${term}:</strong> ${value}`;
}

function styles({ light, dark, onLight, onDark }: Accent): string {
  return `:root{color-scheme:light dark;supported-color-schemes:light dark}
body{margin:0;padding:0;background:#f4f5f8;color:#1b1e27;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
.letter{max-width:34rem;margin:0 auto;padding:24px 20px;background:#ffffff;overflow-wrap:anywhere}
.site{margin:0 0 4px;color:#5b6172;font-size:14px}
h1{margin:0 0 20px;font-size:22px;line-height:1.3}
p{margin:0 0 16px}
a{color:${light}}
.button{display:inline-block;padding:10px 20px;border-radius:8px;background:${light};color:${onLight};font-weight:600;text-decoration:none}
.code{font:600 26px/1.3 ui-monospace,Consolas,monospace;letter-spacing:.12em}
.small,.footer{color:#5b6172;font-size:14px}
.facts{padding:12px 14px;border-radius:8px;background:#f4f5f8}
.footer{margin:24px 0 0;padding-top:16px;border-top:1px solid #d9dce5}
@media (prefers-color-scheme:dark){
body{background:#101218;color:#e8eaf1}
.letter{background:#1e2129}
.site,.small,.footer{color:#a4aabb}
a{color:${dark}}
.button{background:${dark};color:${onDark}}
.facts{background:#101218}
.footer{border-color:#3a3f4c}
}`;
}
