import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RunOptions } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { z } from 'zod';
import { chromiumPath, fullChromiumPath } from '../../scripts/provide/chromium.ts';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The full browser with switches that a single test needs; `await using` closes it. */
export function startFullBrowser(switches: readonly string[]): Promise<Browser> {
  return chromium.launch({ executablePath: fullChromiumPath(), args: [...ARGUMENTS, ...switches] });
}

let shared: Promise<Browser> | undefined;

/** The Chromium of this process: browser contexts separate the tests. It ends with the process. */
export function sharedBrowser(): Promise<Browser> {
  shared ??= chromium.launch({ executablePath: chromiumPath(), args: [...ARGUMENTS] });
  return shared;
}

/** A browser context with its own cookies, which records all errors. */
export type Window = AsyncDisposable & {
  readonly page: Page;
  /** Errors of scripts and of the content security policy, and requests to other origins. */
  readonly complaints: readonly string[];
};

export async function openWindow(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Window> {
  const context = await browser.newContext({ baseURL: origin, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // Chromium reports every response with status 400 and above here; tests expect those.
    const isStatus = message.text().startsWith('Failed to load resource: the server responded with a status');
    if (message.type() === 'error' && !isStatus) complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`elsewhere: ${request.url()}`);
  });
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** A screen on which a page is checked. */
export type Screen = Pick<BrowserContextOptions, 'colorScheme' | 'forcedColors'> & {
  readonly name: string;
  readonly viewport: { readonly width: number; readonly height: number };
};

/** The minified script, because each page compiles it again. */
const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The rules of axe whose result depends on the style sheet, and therefore on the screen. */
const RULES_OF_STYLE = [
  'color-contrast',
  'link-in-text-block',
  'target-size',
  'scrollable-region-focusable',
  'label-title-only',
  'region',
];

type AxeOptions = RunOptions & {
  /** Parts of the page that are not checked, by their selector. */
  readonly exclude?: readonly string[];
};

/** The violations that axe finds on a page: the rule, and the first element that breaks it. */
export async function accessibilityViolations(
  page: Page,
  { exclude = [], ...options }: AxeOptions = {},
): Promise<readonly string[]> {
  if ((await page.evaluate('"axe" in window')) !== true) await page.evaluate(AXE);
  const context = JSON.stringify({ exclude: exclude.map((selector) => [selector]) });
  const text = await page.evaluate(
    `axe.run(${context}, ${JSON.stringify({ resultTypes: ['violations'], ...options })})
      .then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => id + ': ' + nodes[0]?.html)))`,
  );
  return z.array(z.string()).parse(JSON.parse(String(text)));
}

/** Asserts that a page is accessible and does not scroll sideways, on each of the screens. */
export async function assertAccessible(page: Page, what: string, screens: readonly Screen[]): Promise<void> {
  for (const [number, { name, viewport, colorScheme = null, forcedColors = null }] of screens.entries()) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, forcedColors });
    // The document is the same on all screens: after the first, only its style can break a rule.
    const runOnly: RunOptions['runOnly'] =
      number === 0 ? { type: 'tag', values: STANDARDS } : { type: 'rule', values: RULES_OF_STYLE };
    assert.deepEqual(await accessibilityViolations(page, { runOnly }), [], `${what} on ${name}`);
    const width = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    assert.ok(Number(width) <= 0, `${what} on ${name} scrolls sideways by ${width} pixels`);
  }
}
