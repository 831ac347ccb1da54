import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { buildahPath } from '../../scripts/provide/buildah.ts';
import { type ProcessResult, type Program, run, runProgram, startProgram } from '../kit/processes.ts';
import { SECRET_KEY } from '../kit/system.ts';
import { freePort } from '../kit/temporary.ts';

const ROOT = join(import.meta.dirname, '../..');
const BASE = 'docker.io/library/node:24-bookworm-slim';
const IMAGE = 'localhost/latchkey-test';

/** Wherever the base image comes from, this is what the Dockerfile relies on. */
const BASE_FILE = `FROM scratch
COPY . /
ENV PATH=/usr/local/bin:/usr/bin:/bin
`;

const inspected = z.object({
  Docker: z.object({
    config: z.object({
      User: z.string(),
      Env: z.array(z.string()),
      Entrypoint: z.array(z.string()),
      Cmd: z.array(z.string()),
      WorkingDir: z.string(),
      Volumes: z.record(z.string(), z.unknown()),
      ExposedPorts: z.record(z.string(), z.unknown()),
      Healthcheck: z.object({ Test: z.array(z.string()) }),
    }),
  }),
});

describe('the image of the Dockerfile', () => {
  let folder: string;
  let store: readonly string[];
  const buildah = (args: readonly string[]) =>
    run([...store, ...args], { folder: ROOT, command: buildahPath() });

  before(async () => {
    // On the disk: the installed dependencies are too large for the memory that other tests use.
    folder = mkdtempSync('/var/tmp/latchkey-image-');
    const at = (name: string) => join(folder, name);
    // Neither an engine nor an overlay file system is needed.
    store = ['--storage-driver', 'vfs', '--root', at('storage'), '--runroot', at('run')];
    await run(['tests/packaging/base-image.sh', at('base'), process.execPath], {
      folder: ROOT,
      command: 'sh',
    });
    writeFileSync(at('Base'), BASE_FILE);
    const build = ['bud', '--isolation', 'chroot', '--format', 'docker'];
    await buildah([...build, '--file', at('Base'), '--tag', BASE, at('base')]);
    const cache = `${join(homedir(), '.npm')}:/root/.npm`;
    const own = ['--pull-never', '--volume', cache, '--file', 'deploy/Dockerfile', '--tag', IMAGE, '.'];
    await buildah([...build, ...own]);
    await buildah(['from', '--pull-never', '--name', 'container', IMAGE]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const command = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const variables = Object.entries(environment).map(([name, value]) => `--env=${name}=${value}`);
    return [...store, 'run', '--isolation', 'chroot', ...variables, 'container', '--', ...words];
  };
  const inContainer = (...parts: Parameters<typeof command>): Promise<ProcessResult> =>
    runProgram(command(...parts), { folder: ROOT, command: buildahPath() });
  const start = (...parts: Parameters<typeof command>): Program =>
    startProgram(command(...parts), { folder: ROOT, command: buildahPath(), isGroup: true });
  const configuration = async () => {
    const text = await buildah(['inspect', '--type', 'image', IMAGE]);
    return inspected.parse(JSON.parse(text)).Docker.config;
  };

  it('P64: runs as a user without privileges, with a command, a volume, a port and a health check', async () => {
    const found = await configuration();
    assert.equal(found.User, 'node');
    assert.deepEqual([found.Entrypoint, found.Cmd], [['latchkey'], ['serve']]);
    assert.deepEqual([found.WorkingDir, Object.keys(found.Volumes)], ['/data', ['/data']]);
    assert.deepEqual(Object.keys(found.ExposedPorts), ['3000/tcp']);
    assert.deepEqual(found.Healthcheck.Test, ['CMD', 'latchkey', 'healthy']);
    assert.ok(found.Env.includes('NODE_ENV=production'));
    const { stdout } = await inContainer([
      'sh',
      '-c',
      'id -u; [ -e /build ] || [ -e /package ] || echo none',
    ]);
    assert.equal(stdout, '1000\nnone\n', 'the sources are not in it');
  });

  it('P64: serves, and is healthy at the address and the port of its settings, until it ends', async () => {
    const { Entrypoint, Cmd, Healthcheck } = await configuration();
    const port = String(await freePort());
    const settings = { PORT: port, HOST: '127.0.0.3', SECRET_KEY };
    const check = () => inContainer(Healthcheck.Test.slice(1), settings);
    assert.equal((await check()).status, 1);
    await using server = start([...Entrypoint, ...Cmd], settings);
    await server.says('Its data lies in');
    const { status, stdout } = await check();
    assert.deepEqual([status, stdout], [0, `http://127.0.0.3:${port}/healthz: status 200\n`]);
  });
});
