import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { compile, copySource, root, runProgram } from './kit/source-copy.ts';
import { SECRET_KEY } from './kit/system.ts';
import { temporaryFolder } from './kit/temporary.ts';

const PROVIDERS = 'src/features/external-sign-in/providers';
const LIST = `${PROVIDERS}/configured.ts`;

const IMPORT_OF_CODEBERG = "import { codeberg } from './built-in/codeberg.ts';";

function edit(folder: string, change: (list: string) => string): void {
  const path = join(folder, LIST);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

/** The providers that the copy configures from these options. */
function configured(folder: string, options: Readonly<Record<string, string>>): string {
  const settings = pathToFileURL(join(folder, 'src/settings.ts')).href;
  const given = JSON.stringify({ ...options, secretKey: SECRET_KEY });
  const program = `import { settingsFromOptions } from '${settings}';
    const { providers } = settingsFromOptions(${given});
    console.log(JSON.stringify(providers.map(({ name, scopes }) => [name, scopes])));`;
  return runProgram(folder, program);
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
