import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Where Chromium is; installs it from the system's packages when it is missing and that is possible.
 * @throws {Error} saying how to get it
 */
export function chromiumPath(): string {
  const found = findChromium() ?? installChromium();
  if (found === undefined) {
    throw new Error(
      'The browser tests need Chromium: apt-get install chromium, or set CHROMIUM to its path.',
    );
  }
  return found;
}

function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  return named !== undefined && named !== '' ? named : PLACES.find((place) => existsSync(place));
}

function installChromium(): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  console.log('Installing Chromium from the system’s packages …');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const words of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    spawnSync('apt-get', words, { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
  }
  return findChromium();
}
