// Writes what the documents tell about the program, from its declarations. With --check it only tells whether that is so.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Feature } from '../src/auth/feature.ts';
import { composeSystem } from '../src/latchkey.ts';
import { settingsFromOptions } from '../src/settings.ts';
import { withFirstContactTable } from './docs/first-contact-table.ts';
import { withSettingsTables } from './docs/settings-table.ts';
import { withTokensTable } from './docs/tokens-table.ts';

const features = await declaredFeatures();

// npm runs this in the project's folder.
bringUpToDate('docs/settings.md', 'the settings', withSettingsTables);
bringUpToDate('docs/architecture.md', 'the one-time tokens', (text) => withTokensTable(text, features));
bringUpToDate('docs/oauth.md', 'what happens at first contact', withFirstContactTable);

function bringUpToDate(path: string, what: string, update: (text: string) => string): void {
  const written = readFileSync(path, 'utf8');
  const wanted = update(written);
  if (written === wanted) {
    console.log(`${path} tells ${what} as they are.`);
  } else if (process.argv.includes('--check')) {
    console.error(`${path} does not tell ${what} as they are; run: npm run docs`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, wanted);
    console.log(`${path} now tells ${what} as they are.`);
  }
}

async function declaredFeatures(): Promise<readonly Feature[]> {
  const secretKey = randomBytes(32).toString('base64url');
  const settings = settingsFromOptions({ databaseUrl: 'sqlite::memory:', secretKey, logLevel: 'silent' });
  const system = composeSystem(settings);
  await system.close();
  return system.features;
}
