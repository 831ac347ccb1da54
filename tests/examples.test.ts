import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { startProgram } from './kit/processes.ts';
import { freePort, temporaryFolder } from './kit/temporary.ts';
import { ADA, createVisitor } from './kit/visitor.ts';

const root = new URL('..', import.meta.url);

/** The arguments of `npm run example`, so that the test runs the documented command. */
function documentedWords(): readonly string[] {
  const content: unknown = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const { scripts } = z.object({ scripts: z.object({ example: z.string() }) }).parse(content);
  const [node, ...words] = scripts.example.split(' ');
  assert.equal(node, 'node');
  return words.map((word) => (word === 'scripts/run.js' ? fileURLToPath(new URL(word, root)) : word));
}

async function startHello(folder: string) {
  const port = await freePort();
  const program = startProgram(documentedWords(), { folder, environment: { PORT: String(port) } });
  await program.says('Hello is at');
  return { program, visitor: createVisitor(fetch, `http://localhost:${port}`) };
}

describe('the example “hello”', () => {
  it('greets a signed-in user by name, and asks for sign-in before and after', async () => {
    using folder = temporaryFolder();
    const { program, visitor } = await startHello(folder.path);
    await using _ = program;

    const signedOut = await visitor.get('/');
    assert.deepEqual([signedOut.status, signedOut.location], [303, '/login?next=%2F']);

    const registration = await visitor.register(ADA.username, ADA.password);
    assert.deepEqual([registration.status, registration.location], [303, '/login']);
    const csrf = await visitor.token('/login?next=%2F');
    const signIn = await visitor.post('/login', { ...ADA, csrf, next: '/' });
    assert.deepEqual([signIn.status, signIn.location], [303, '/']);

    const greeting = await visitor.get('/');
    assert.equal(greeting.status, 200);
    assert.match(greeting.body, /<h1>Hello, Ada!<\/h1>/);
    assert.equal(greeting.headers.get('cache-control'), 'no-store');

    const signOut = await visitor.signOut();
    assert.deepEqual([signOut.status, signOut.location], [303, '/login']);
    assert.equal((await visitor.get('/')).location, '/login?next=%2F');
  });

  it('shows a username as text, whatever characters it contains', async () => {
    using folder = temporaryFolder();
    const { program, visitor } = await startHello(folder.path);
    await using _ = program;
    const username = "O'Neil";
    await visitor.register(username, ADA.password);
    await visitor.signIn(username, ADA.password);
    assert.match((await visitor.get('/')).body, /<h1>Hello, O&#39;Neil!<\/h1>/);
  });

  it('exits with 0 on SIGTERM', async () => {
    using folder = temporaryFolder();
    const { program } = await startHello(folder.path);
    await using _ = program;
    program.send('SIGTERM');
    assert.equal((await program.ended).status, 0);
  });
});
