// Checks before a release that tag, versions, changelog and manifests agree: npm run release:check -- v1.2.3
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { releaseFaults } from './packages/release.ts';

const [tag] = process.argv.slice(2);
const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');

const faults = releaseFaults({
  tag: tag ?? null,
  manifest: read('package.json'),
  createManifest: read('packages/create-latchkey/package.json'),
  changelog: read('CHANGELOG.md'),
});
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log('Tag, versions, changelog and manifests agree.');
