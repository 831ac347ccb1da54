import { existsSync } from 'node:fs';
import { programPath } from './system-packages.ts';

/** Full browsers, for systems where the small one cannot be had. */
const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Where Chromium is. Debian's headless shell is Chromium without the windows, menus and settings pages around the page;
 * it needs half the time. It is installed when it is missing and that is possible; `CHROMIUM` names another.
 * @throws {Error} saying how to get it
 */
export function chromiumPath(): string {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const wanted = { name: 'Chromium', program: 'chromium-headless-shell', folders: ['/usr/bin'] };
  try {
    return programPath({ ...wanted, package: 'chromium-headless-shell' });
  } catch {
    return wholeChromiumPath();
  }
}

/**
 * Where the whole browser is, for what the shell cannot do: send reports.
 * @throws {Error} saying how to get it
 */
export function wholeChromiumPath(): string {
  const found = BROWSERS.find((place) => existsSync(place));
  if (found !== undefined) return found;
  return programPath({ name: 'Chromium', program: 'chromium', folders: ['/usr/bin'], package: 'chromium' });
}
