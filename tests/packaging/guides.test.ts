import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { folderOnDisk, NPM, QUIET } from '../kit/example-installation.ts';
import { readGuide } from '../kit/guide.ts';
import { pack, run } from '../kit/processes.ts';
import { textOf } from '../kit/sources.ts';
import { assertSignsIn } from '../kit/started-application.ts';
import { freePort, type TemporaryFolder, temporaryFolder } from '../kit/temporary.ts';

type Framework = {
  /** The port of the guide, instead of which a free one is used. */
  readonly port: string;
  readonly basePath?: string;
  /** What the guide says in words alone: the file, a text in it, and what is to be there instead. */
  readonly edit?: readonly [path: string, text: string, replacement: string];
};

const FRAMEWORKS: Readonly<Record<string, Framework>> = {
  astro: { port: '4321' },
  next: { port: '3000', basePath: '/auth' },
  nuxt: { port: '3000' },
  'react-router': { port: '5173' },
  sveltekit: { port: '5173', edit: ['vite.config.ts', '@sveltejs/adapter-auto', '@sveltejs/adapter-node'] },
};

// Installing a framework is mostly waiting.
describe('a guide of docs/library', { concurrency: 2 }, () => {
  let temporary: TemporaryFolder;
  let tarball: string;
  before(async () => {
    temporary = temporaryFolder();
    tarball = await pack(temporary);
  });
  after(() => temporary[Symbol.dispose]());

  for (const [name, { port: ownPort, basePath = '', edit }] of Object.entries(FRAMEWORKS))
    it(`leads from an empty folder to a signed-in user, in development and production: ${name}`, async () => {
      using disk = folderOnDisk();
      const port = await freePort();
      const ported = (text: string) => text.replaceAll(ownPort, String(port));
      // Who is asked whether a command may be downloaded agrees.
      const environment = { ...NPM, ...QUIET, npm_config_yes: 'true' };
      let folder = disk.path;
      const execute = async (command: string) => {
        const [, entered] = /^cd (.*)/.exec(command) ?? [];
        if (entered !== undefined) folder = join(folder, entered);
        // The package is not on the registry yet.
        const words = ['-c', command.replace(/(?<=^npm install .*)\blatchkey$/, tarball)];
        if (entered === undefined) await run(words, { folder, command: 'sh', environment });
      };
      const { steps, production } = readGuide(textOf(`docs/library/${name}.md`));
      const start = steps.at(-1);
      assert.ok(start !== undefined && 'commands' in start);
      for (const step of steps.slice(0, -1))
        if ('commands' in step) for (const command of step.commands) await execute(command);
        else write(join(folder, step.path), ported(step.content));
      if (edit !== undefined) replace(join(folder, edit[0]), edit[1], edit[2]);
      const [development = ''] = start.commands;
      const separator = development.startsWith('npm run') ? ' --' : '';
      const application = { folder, port, environment, basePath };
      await assertSignsIn({ ...application, command: `${development}${separator} --port ${port}` });
      rmSync(join(folder, 'data'), { recursive: true });
      for (const command of production.slice(0, -1)) await execute(command);
      assert.ok(!existsSync(join(folder, 'data')), 'a build opens no database');
      const command = ported(production.at(-1) ?? '');
      await assertSignsIn({
        ...application,
        command,
        environment: { ...environment, PORT: String(port) },
      });
    });
});

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function replace(path: string, text: string, replacement: string): void {
  const content = readFileSync(path, 'utf8');
  assert.ok(content.includes(text), content);
  writeFileSync(path, content.replace(text, replacement));
}
