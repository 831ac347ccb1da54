import assert from 'node:assert/strict';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { runCommand } from '../kit/processes.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { startSpoiltSite, withHeader } from './deployments.ts';

const SECRET = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const PEPPER = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';

const report = z.object({
  url: z.string(),
  faults: z.number(),
  warnings: z.number(),
  findings: z.array(
    z.object({
      check: z.string(),
      verdict: z.enum(['ok', 'warning', 'fault']),
      what: z.string(),
      fix: z.string().optional(),
    }),
  ),
});

describe('latchkey doctor', () => {
  it('checks BASE_URL from outside and inside, exits with 0, and prints no secret', async () => {
    await using site = await startSpoiltSite();
    using folder = temporaryFolder();
    const path = join(folder.path, 'pepper');
    writeFileSync(path, PEPPER, { mode: 0o600 });
    const environment = {
      BASE_URL: site.origin,
      SECRET_KEY: SECRET,
      PASSWORD_PEPPER_FILE: path,
      DATABASE_URL: site.system.databaseUrl,
      EMAIL: 'off',
      COOKIE_PREFIX: 'latchkey',
    };
    const words = ['doctor', '--authority', site.authority.file];
    const asText = await runCommand(folder.path, words, environment);
    assert.deepEqual([asText.status, asText.stderr], [0, ''], asText.stdout);
    const [last, blank, ...lines] = asText.stdout.trim().split('\n').reverse();
    assert.match(String(last), /^https:\S+: faults: 0, warnings: [01]$/);
    assert.equal(blank, '');
    // The duration of a hash depends on the load of the machine.
    for (const line of lines) assert.match(line, /^(ok {7}[a-z ]+|warning +hashing): /);
    assert.match(asText.stdout, /^ok {7}secret files: PASSWORD_PEPPER_FILE: .* is private$/m);
    const scripts = await runCommand(folder.path, [...words, '--json'], environment);
    const { url, findings } = report.parse(JSON.parse(scripts.stdout));
    assert.equal(url, site.origin);
    assert.equal(findings.length, lines.length);
    for (const secret of [SECRET, PEPPER])
      assert.ok(!`${asText.stdout}${scripts.stdout}`.includes(secret), 'no secret is shown');
    assert.deepEqual(readdirSync(folder.path), ['pepper'], 'nothing is made');
  });

  it('exits with 1 when there is a fault, and says how to fix it in the same line', async () => {
    await using site = await startSpoiltSite({
      scheme: 'http',
      spoil: (served) => withHeader(served, 'x-frame-options'),
    });
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o755);
    const { status, stdout } = await runCommand(folder.path, ['doctor', site.origin]);
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^fault {4}headers: \/login: x-frame-options is missing; let the proxy pass it on as it is: x-frame-options: DENY$/m,
    );
    assert.match(
      stdout,
      /^ok {7}inside: the settings here are of http:\/\/localhost:3000, so only the outside/m,
    );
    const asJson = await runCommand(folder.path, ['doctor', site.origin, '--json']);
    const { faults, warnings, findings } = report.parse(JSON.parse(asJson.stdout));
    assert.deepEqual([asJson.status, faults, warnings], [1, 2, 0]);
    for (const { verdict, fix } of findings) assert.equal(fix === undefined, verdict === 'ok');
  });

  it('exits with 0 when there are only warnings', async () => {
    await using site = await startSpoiltSite({
      spoil: (served) => withHeader(served, 'x-powered-by', 'Magic'),
    });
    using folder = temporaryFolder();
    const words = ['doctor', site.origin, '--authority', site.authority.file];
    const { status, stdout } = await runCommand(folder.path, words);
    assert.match(stdout, /^warning {2}software names: x-powered-by: “Magic”; /m);
    assert.equal(status, 0);
  });

  it('exits with 78 when a setting is invalid, and with 64 when an argument is', async () => {
    using folder = temporaryFolder();
    const broken = await runCommand(folder.path, ['doctor'], { BASE_URL: 'https://login.example.org' });
    assert.deepEqual([broken.status, broken.stdout], [78, '']);
    assert.match(broken.stderr, /^SECRET_KEY: is missing/);
    for (const address of ['login.example.org', 'ftp://login.example.org', '--', '//']) {
      const { status, stdout } = await runCommand(folder.path, ['doctor', '--', address]);
      assert.deepEqual([status, stdout], [64, ''], address);
    }
    const unread = await runCommand(folder.path, ['doctor', '--authority', 'nowhere.pem']);
    assert.equal(unread.status, 64);
  });
});
