import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SECRET_KEY } from './kit/system.ts';
import { temporaryFolder } from './kit/temporary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const PROVIDERS = 'src/features/external-sign-in/providers';
const LIST = `${PROVIDERS}/configured.ts`;

const IMPORT_OF_CODEBERG = "import { codeberg } from './built-in/codeberg.ts';";

/** A copy of the source in which files can be changed. */
function copySource(folder: string): void {
  for (const name of ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}

function edit(folder: string, change: (list: string) => string): void {
  const path = join(folder, LIST);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

/** What the compiler reports about the copy. */
function compile(folder: string): string {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--noEmit'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout;
}

/** The providers that the copy configures from these options. */
function configured(folder: string, options: Readonly<Record<string, string>>): string {
  const settings = pathToFileURL(join(folder, 'src/settings.ts')).href;
  const given = JSON.stringify({ ...options, secretKey: SECRET_KEY });
  const program = `import { settingsFromOptions } from '${settings}';
    const { providers } = settingsFromOptions(${given});
    console.log(JSON.stringify(providers.map(({ name, scopes }) => [name, scopes])));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout + stderr;
}

describe('the list of built-in providers', () => {
  it('loses and gains a provider with a file, an import and an entry each, and nothing else changes', () => {
    using folder = temporaryFolder();
    copySource(folder.path);
    const guide = readFileSync(join(root, 'docs/oauth.md'), 'utf8');
    const [, example = ''] = /```ts\n(\/\/ built-in\/codeberg\.ts\n.*?)```/s.exec(guide) ?? [];
    rmSync(join(folder.path, PROVIDERS, 'built-in/github.ts'));
    writeFileSync(join(folder.path, PROVIDERS, 'built-in/codeberg.ts'), example);
    edit(folder.path, (list) =>
      list
        .replace("import { github } from './built-in/github.ts';", IMPORT_OF_CODEBERG)
        .replace(' github,', ' codeberg,'),
    );
    assert.equal(compile(folder.path), '');
    const codeberg = { codebergClientId: 'id', codebergClientSecret: 'secret', codebergScopes: 'repo' };
    assert.equal(configured(folder.path, codeberg), '[["codeberg",["openid","email","repo"]]]\n');
    const github = { githubClientId: 'id', githubClientSecret: 'secret' };
    assert.match(configured(folder.path, github), /githubClientId: is not a setting/);
  });
});
