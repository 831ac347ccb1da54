import { existsSync } from 'node:fs';
import { toolPath } from './system-packages.ts';

/** Full browsers, for systems without the headless shell. */
const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * The path of Chromium. Debian's headless shell is Chromium without windows, menus and settings pages, and starts in
 * half the time. It is installed if it is missing and this user may install it; `CHROMIUM` names another.
 * @throws {Error} saying how to install it
 */
export function chromiumPath(): string {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const wanted = { name: 'Chromium', command: 'chromium-headless-shell', folders: ['/usr/bin'] };
  try {
    return toolPath({ ...wanted, package: 'chromium-headless-shell' });
  } catch {
    return fullChromiumPath();
  }
}

/**
 * The path of the full browser, for what the headless shell cannot do: send reports.
 * @throws {Error} saying how to install it
 */
export function fullChromiumPath(): string {
  const found = BROWSERS.find((path) => existsSync(path));
  if (found !== undefined) return found;
  return toolPath({ name: 'Chromium', command: 'chromium', folders: ['/usr/bin'], package: 'chromium' });
}
