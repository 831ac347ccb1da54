import { createHash } from 'node:crypto';
import { readOwnFile } from '../../runtime/index.ts';
import { type Accent, readableAccent } from './accent.ts';
import type { Site } from './layout.ts';

/** A file that pages load, under a path that changes with its content. */
export type Asset = { readonly path: `/${string}`; readonly contentType: string; readonly body: string };

/** The files that pages load; the solver is loaded by the script, where a form carries a challenge. */
export type Assets = {
  readonly stylesheet: Asset;
  readonly script: Asset;
  readonly solver: Asset;
  readonly icon: Asset;
};

/** Reads the files once, and puts the site's colour into them. */
export function loadAssets(accentColor: string): Assets {
  const accent = readableAccent(accentColor);
  return {
    stylesheet: asset('latchkey.css', 'text/css; charset=utf-8', accentRules(accent) + read('latchkey.css')),
    script: asset('latchkey.js', 'text/javascript; charset=utf-8', read('latchkey.js')),
    solver: asset('solver.js', 'text/javascript; charset=utf-8', read('solver.js')),
    icon: asset('icon.svg', 'image/svg+xml', read('icon.svg').replaceAll('#2f5bea', accent.light)),
  };
}

export function siteFor(name: string, basePath: string, { stylesheet, script, icon }: Assets): Site {
  return { name, basePath, stylesheetPath: stylesheet.path, scriptPath: script.path, iconPath: icon.path };
}

function accentRules({ light, dark, onLight, onDark }: Accent): string {
  return `:root{--accent:light-dark(${light},${dark});--on-accent:light-dark(${onLight},${onDark})}\n`;
}

function read(name: string): string {
  return readOwnFile(new URL(`./assets/${name}`, import.meta.url));
}

function asset(name: string, contentType: string, body: string): Asset {
  const version = createHash('sha256').update(body).digest('base64url').slice(0, 12);
  const [base, extension] = name.split('.');
  return { path: `/assets/${base}-${version}.${extension}`, contentType, body };
}
