// Writes the generated parts of the documents. With --check it only reports whether they are up to date.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Feature } from '../src/auth/feature.ts';
import { composeSystem, cookies, eventDefinitions, limits } from '../src/latchkey.ts';
import { settingsFromOptions } from '../src/read-settings.ts';
import { EVERYTHING_ON } from '../tests/kit/everything-on.ts';
import { attackTests, withAttackTests } from './docs/attack-tests.ts';
import { withBoundsTables } from './docs/bounds-tables.ts';
import { withCookiesTable } from './docs/cookies-table.ts';
import { withCredentialChanges } from './docs/credential-changes-table.ts';
import { withEmailsTables } from './docs/emails-table.ts';
import { withEventsTable } from './docs/events-table.ts';
import { withFirstContactTable } from './docs/first-contact-table.ts';
import { withLimitsTable } from './docs/limits-table.ts';
import { optionsFile } from './docs/options-file.ts';
import { withSettingsTables } from './docs/settings-table.ts';
import { withTokensTable } from './docs/tokens-table.ts';

const features = await declaredFeatures();

// npm runs this in the project's folder.
bringUpToDate('docs/settings.md', 'the settings', withSettingsTables);
bringUpToDate('src/library/setting-options.ts', 'the options', optionsFile);
bringUpToDate('docs/architecture.md', 'the one-time tokens', (text) => withTokensTable(text, features));
bringUpToDate('docs/sessions.md', 'the cookies', (text) => withCookiesTable(text, cookies));
bringUpToDate('docs/throttling.md', 'the limits', (text) => withLimitsTable(text, limits));
bringUpToDate('docs/limits.md', 'the bounds', (text) => withBoundsTables(text, features));
bringUpToDate('docs/email.md', 'the mails', withEmailsTables);
bringUpToDate('docs/audit.md', 'the events', (text) => withEventsTable(text, eventDefinitions));
bringUpToDate('docs/oauth.md', 'the outcomes of a first sign-in', withFirstContactTable);
bringUpToDate('docs/attacks.md', 'the tests of each attack', (text) => withAttackTests(text, attackTests()));
bringUpToDate('SECURITY.md', 'the changes of credentials', (text) => withCredentialChanges(text, features));

function bringUpToDate(path: string, what: string, update: (text: string) => string): void {
  const written = readFileSync(path, 'utf8');
  const wanted = update(written);
  if (written === wanted) {
    console.log(`${path}: ${what} are up to date.`);
  } else if (process.argv.includes('--check')) {
    console.error(`${path}: ${what} are out of date; run: npm run docs`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, wanted);
    console.log(`${path}: ${what} were updated.`);
  }
}

/** The features with everything on, so that each has all of its routes. */
async function declaredFeatures(): Promise<readonly Feature[]> {
  const settings = settingsFromOptions({
    databaseUrl: 'sqlite::memory:',
    secretKey: randomBytes(32).toString('base64url'),
    logLevel: 'silent',
    ...EVERYTHING_ON,
    oidcAcmeIssuer: 'https://acme.example.org',
    oidcAcmeClientId: 'id',
    oidcAcmeClientSecret: 'secret',
  });
  const system = composeSystem(settings);
  await system.close();
  return system.features;
}
