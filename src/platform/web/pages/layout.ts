import { html, raw } from 'hono/html';
import type { Language } from '../../words/index.ts';

/** HTML that is already escaped. */
export type Html = ReturnType<typeof html>;

/** The id of the element for messages, empty or not; a focused field refers to it. */
export const MESSAGES_ID = 'messages';

/** A short message on top of a page. */
export type Flash = { readonly kind: 'success' | 'notice'; readonly text: string };

/** What all pages of a site share. */
export type Site = {
  readonly name: string;
  /** Empty, or the path below which the pages lie. */
  readonly basePath: string;
  readonly stylesheetPath: string;
  readonly scriptPath: string;
  readonly iconPath: string;
};

export type PageFrame = {
  readonly language: Language;
  readonly title: string;
  readonly body: Html;
  readonly flash: readonly Flash[];
  /** The part of the header beside the name of the site. */
  readonly navigation?: Html | '';
  /** What every page says above its content, until something is done about it. */
  readonly banner?: Html | '';
  readonly width: 'narrow' | 'wide';
  /** Where the page leads by itself. */
  readonly leadsTo?: URL | undefined;
};

/** Draws a whole page. Nothing in it runs or loads from anywhere but this site's own files. */
export function renderPage(
  site: Site,
  { language, title, body, flash, navigation = '', banner = '', width, leadsTo }: PageFrame,
): Html {
  const page = html`<!doctype html>
<html lang="${language.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${
  leadsTo === undefined
    ? ''
    : html`<meta http-equiv="refresh" content="0; url=${leadsTo.href}">
`
}<title>${title} · ${site.name}</title>
<link rel="icon" href="${site.iconPath}" type="image/svg+xml">
<link rel="stylesheet" href="${site.stylesheetPath}">
<script src="${site.scriptPath}" type="module"></script>
</head>
<body>
<header>
<a class="site" href="/"><img src="${site.iconPath}" alt="" width="28" height="28"><span>${site.name}</span></a>
${navigation}
</header>
<main class="${width}">
${banner}<div id="${MESSAGES_ID}"${flash.length > 0 && !isBegunElsewhere(body) ? html` tabindex="-1" autofocus` : ''}>${flash.map(flashMessage)}</div>
${body}
</main>
</body>
</html>
`;
  return site.basePath === '' ? page : below(site.basePath, page);
}

/**
 * Moves the paths that a page refers to below `basePath`, here and for all pages, so that no view can forget one. Text and
 * values are escaped and cannot look like an attribute; the bare `/` is the start page of the application.
 */
async function below(basePath: string, page: Html) {
  return raw(
    String(await page).replace(
      /( (?:href|src|action|formaction|data-solver|data-options|data-action)=")(?=\/[^/"])/g,
      `$1${basePath}`,
    ),
  );
}

// A page with a focused field or list begins there, and that refers to the messages.
function isBegunElsewhere(body: Html): boolean {
  return / autofocus>/.test(String(body));
}

function flashMessage({ kind, text }: Flash): Html {
  return html`<p class="flash ${kind}" role="status">${text}</p>`;
}
