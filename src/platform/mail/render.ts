import { html, raw } from 'hono/html';
import { type Accent, type Html, readableAccent } from '../web/index.ts';
import type { Language, Words } from '../words/index.ts';
import type { Email, EmailContent, Link, MailSite, Occasion, RenderedMail, WrittenEmail } from './email.ts';
import { fillTemplates, type MailTemplates } from './templates.ts';
import { mailWords } from './words.ts';

/** Renders the mails of a site. @throws {TypeError} when a page in one is not of this site */
export type RenderMail = (email: Email, occasion: Occasion) => Promise<RenderedMail>;

/** What all mails of a site have in common. */
export type MailLook = {
  readonly site: MailSite;
  /** `#rrggbb` */
  readonly accentColor: string;
  /** Ends each mail, after the sentence about its sender. */
  readonly footer: Words<{ readonly mailFooter: string }>;
  /** The parts that the operator has written. */
  readonly templates: MailTemplates | null;
};

export function createMailRenderer({ site, accentColor, footer, templates }: MailLook): RenderMail {
  const accent = readableAccent(accentColor);
  return async (email, occasion) => {
    const { language } = occasion;
    const written = email.write(occasion, site);
    const around = language.words(mailWords);
    const parts: Parts = {
      siteName: site.name,
      accent,
      language,
      words: around,
      greeting: around.greeting(written.recipientName),
      limits: limitsOf(written.content, around),
      facts: factsOf(written, around),
      footer: `${around.sentBy(site.name)} ${language.words(footer).mailFooter}`,
    };
    return {
      subject: written.content.subject,
      text: textPart(written.content, parts),
      html: await htmlPart(written.content, parts),
      ...(await fillTemplates(templates, email.name, written.values)),
    };
  };
}

type MailWords = (typeof mailWords)['english'];
type Fact = readonly [term: string, value: string];

type Parts = {
  readonly siteName: string;
  readonly accent: Accent;
  readonly language: Language;
  readonly words: MailWords;
  readonly greeting: string;
  readonly limits: string;
  readonly facts: readonly Fact[];
  readonly footer: string;
};

function limitsOf({ expires, afterExpiry }: EmailContent, words: MailWords): string {
  return [expires === undefined ? [] : words.worksOnce(expires), afterExpiry ?? []].flat().join(' ');
}

function factsOf({ values: { when = '', where = '' } }: WrittenEmail, words: MailWords): readonly Fact[] {
  const all: readonly Fact[] = [
    [words.when, when],
    [words.where, where],
  ];
  return all.filter(([, value]) => value !== '');
}

/** RFC 5322 §2.1.1 allows 78 characters; a quoted reply adds a few. */
const WIDTH = 72;

function textPart(content: EmailContent, { greeting, limits, facts, footer }: Parts): string {
  const { lead, action, code, advice = [], help } = content;
  const blocks = [
    greeting,
    ...lead,
    ...(action === undefined ? [] : [linkText(action)]),
    ...(code === undefined ? [] : [`${code.before}\n\n    ${code.code}`]),
    ...(limits === '' ? [] : [limits]),
    ...(facts.length === 0 ? [] : [facts.map(([term, value]) => `${term}: ${value}`).join('\n')]),
    ...advice,
    ...(help === undefined ? [] : [linkText(help)]),
    `-- \n${footer}`,
  ];
  return `${blocks.map(wrapped).join('\n\n')}\n`;
}

// The address is on a line of its own, which is not wrapped.
function linkText({ label, address }: Link): string {
  return `${label}:\n${address}`;
}

function wrapped(block: string): string {
  return block.split('\n').map(wrappedLine).join('\n');
}

function wrappedLine(text: string): string {
  const lines = [''];
  // Only single spaces between words break, so the indentation of a code stays.
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    const current = lines.at(-1) ?? '';
    if (current === '') lines[lines.length - 1] = word;
    else if (current.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${current} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}

/** One column without tables, images or external content, readable without styles. Everything is escaped (A43). */
async function htmlPart(content: EmailContent, parts: Parts): Promise<string> {
  const { subject, lead, action, code, advice = [], help } = content;
  const { siteName, accent, language, words, greeting, limits, facts, footer } = parts;
  const document = html`<!doctype html>
<html lang="${language.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>
<style>${raw(styles(accent))}</style>
</head>
<body>
<div class="letter">
<p class="site">${siteName}</p>
<h1>${subject}</h1>
<p>${greeting}</p>
${lead.map(paragraph)}
${action === undefined ? '' : button(action, words)}
${code === undefined ? '' : html`<p>${code.before}</p>\n<p class="code">${code.code}</p>`}
${limits === '' ? '' : html`<p class="small">${limits}</p>`}
${facts.length === 0 ? '' : html`<p class="facts">${facts.map(fact)}</p>`}
${advice.map(paragraph)}
${help === undefined ? '' : html`<p><a href="${help.address}">${help.label}</a></p>`}
<p class="footer">${footer}</p>
</div>
</body>
</html>
`;
  return String(await document);
}

function paragraph(text: string): Html {
  return html`<p>${text}</p>\n`;
}

// The address is repeated below the button, for mail clients that show no links.
function button({ label, address }: Link, words: MailWords): Html {
  return html`<p><a class="button" href="${address}">${label}</a></p>
<p class="small">${words.orOpen}<br><a class="address" href="${address}">${address}</a></p>`;
}

function fact([term, value]: Fact, position: number): Html {
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
