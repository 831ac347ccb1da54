// Writes what README.md tells about the settings, from their definitions. With --check it only tells whether that is so.
import { readFileSync, writeFileSync } from 'node:fs';
import { withSettingsTable } from './docs/settings-table.ts';

// npm runs this in the project's folder.
const README = 'README.md';

const written = readFileSync(README, 'utf8');
const wanted = withSettingsTable(written);
if (written === wanted) {
  console.log('README.md tells the settings as they are.');
} else if (process.argv.includes('--check')) {
  console.error('README.md does not tell the settings as they are; run: npm run docs');
  process.exitCode = 1;
} else {
  writeFileSync(README, wanted);
  console.log('README.md now tells the settings as they are.');
}
