import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { until } from '../kit/clock.ts';
import { type Program, startProgram } from '../kit/processes.ts';
import { freePort, type TemporaryFolder, temporaryFolder } from '../kit/temporary.ts';
import { ADA, type Answer, createVisitor, type Visitor } from '../kit/visitor.ts';

/** The notes application in one framework, as `examples/` has it. */
export type ExampleApplication = {
  readonly name: string;
  /** The arguments of Node.js that start it; or of `command`. Called when the tests begin. */
  readonly args: (port: number) => readonly string[];
  readonly command?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The working folder; a temporary one by default. */
  readonly folder?: () => string;
  /** Where it listens; any free port by default. */
  readonly port?: () => number;
  /** What it writes when it listens. */
  readonly started?: string;
  /** Makes a development server evaluate its modules again. */
  readonly reload?: () => void;
};

type Running = {
  readonly program: Program;
  readonly origin: string;
  readonly visitor: () => Visitor;
  /** Makes every session token as old as its rotation time. */
  readonly ageTokens: () => void;
};

/** What every adapter promises, shown with a real application behind a real server. */
export function describeAdapter(application: ExampleApplication): void {
  const { reload } = application;
  if (reload !== undefined) describeHotReload(application, reload);
  describe(`the example application in ${application.name}`, () => {
    let folder: TemporaryFolder | undefined;
    let app: Running | undefined;
    before(async () => {
      folder = temporaryFolder();
      app = await startExample(application, folder.path);
    });
    after(async () => {
      await app?.program[Symbol.asyncDispose]();
      folder?.[Symbol.dispose]();
    });
    for (const [title, promise] of Object.entries(PROMISES))
      it(title, () => promise(app ?? assert.fail('it did not start')));
  });
}

// A second Latchkey would have a database of its own in memory, without the user.
function describeHotReload(application: ExampleApplication, reload: () => void): void {
  it(`has one Latchkey however often ${application.name} evaluates its modules`, async () => {
    using folder = temporaryFolder();
    const { program, visitor } = await startExample(application, folder.path, 'sqlite::memory:');
    await using _ = program;
    const ada = visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    for (const text of ['milk', 'eggs']) {
      assert.equal((await ada.post('/notes', { text })).status, 303);
      assert.equal((await notesOf(ada)).length, 1);
      reload();
      // The notes are a variable of a module that is evaluated again.
      await until('the modules are new', async () => (await notesOf(ada)).length === 0);
    }
    assert.match((await ada.get('/notes')).body, /Notes of Ada/);
  });
}

const PROMISES: Readonly<Record<string, (app: Running) => Promise<void>>> = {
  'redirects a signed-out user from a guarded page to the login page, and back after signing in': async (
    app,
  ) => {
    const ada = app.visitor();
    const away = await ada.get('/notes?page=2');
    assert.deepEqual([away.status, away.location], [303, '/login?next=%2Fnotes%3Fpage%3D2']);
    assert.match((await ada.get('/')).body, /You are signed out/);
    await ada.register(ADA.username, ADA.password);
    const csrf = await ada.token('/login?next=%2Fnotes');
    const signIn = await ada.post('/login', { ...ADA, csrf, next: '/notes' });
    assert.deepEqual([signIn.status, signIn.location], [303, '/notes']);
    const page = await ada.get('/notes');
    assert.deepEqual([page.status, page.headers.get('cache-control')], [200, 'no-store']);
    assert.match(page.body, /Notes of Ada/);
    assert.match((await ada.get('/')).body, /Hello, Ada!/);
  },

  'answers API clients that are not signed in with 401 and a problem': async (app) => {
    const answer = await app.visitor().get('/api/notes', { accept: '*/*' });
    assert.equal(answer.status, 401);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  },

  'takes forms and JSON from its own pages, and shows what was entered as text': async (app) => {
    const ada = await signedIn(app);
    const form = await ada.post('/notes', { text: '<b>milk</b>' });
    assert.deepEqual([form.status, form.location], [303, '/notes']);
    const json = await ada.postJson('/api/notes', { text: 'eggs' });
    assert.deepEqual([json.status, JSON.parse(json.body)], [201, ['<b>milk</b>', 'eggs']]);
    assert.match((await ada.get('/notes')).body, /(?:&#60;|&lt;)b(?:&#62;|&gt;|>)milk/);
  },

  'receives the whole body of a request of its own, however long it is': async (app) => {
    const ada = await signedIn(app);
    const text = 'x'.repeat(90_000);
    const saved = await ada.postJson('/api/notes', { text });
    assert.equal(saved.status, 201);
    assert.equal((await notesOf(ada)).at(-1), text);
  },

  'A29: refuses unsafe requests from sibling and foreign origins, and those that name none': async (app) => {
    const ada = await signedIn(app);
    const elsewhere = [
      { 'sec-fetch-site': 'same-site', origin: 'http://evil.localhost' },
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': '', origin: '' },
    ];
    for (const headers of elsewhere) {
      // React Router refuses some of them itself, with 400.
      const isRefused = ({ status }: Answer) => status === 403 || status === 400;
      assert.ok(isRefused(await ada.post('/notes', { text: 'forged' }, headers)));
      assert.equal((await ada.postJson('/api/notes', { text: 'forged' }, headers)).status, 403);
      assert.ok(isRefused(await ada.post('/logout', {}, headers)));
    }
    assert.ok(!(await notesOf(ada)).includes('forged'));
  },

  'hands a rotated session token to the browser, once': async (app) => {
    const ada = await signedIn(app);
    app.ageTokens();
    const isRotatedBy = async (path: string) =>
      (await ada.get(path)).headers.getSetCookie().some((cookie) => cookie.startsWith('latchkey='));
    assert.equal(await isRotatedBy('/notes'), true);
    assert.equal(await isRotatedBy('/notes'), false);
    app.ageTokens();
    assert.equal(await isRotatedBy('/api/notes'), true);
    assert.equal((await ada.get('/notes')).status, 200);
  },

  'P04: keeps a user signed in whose page is rendered from the application’s own API': async (app) => {
    const ada = await signedIn(app);
    await ada.post('/notes', { text: 'one' });
    const count = (await notesOf(ada)).length;
    for (const _ of [1, 2, 3]) {
      app.ageTokens();
      const page = await ada.get('/summary');
      assert.ok(page.body.replaceAll(/<!--.*?-->/g, '').includes(`Notes: ${count}`));
    }
    assert.equal((await ada.get('/notes')).status, 200);
  },

  'asks for the password again where a route requires fresh authentication': async (app) => {
    const ada = await signedIn(app);
    assert.equal((await ada.get('/danger')).status, 200);
    app.ageTokens();
    const stale = await ada.get('/danger');
    assert.deepEqual([stale.status, stale.location], [303, '/account/confirm?next=%2Fdanger']);
  },

  'keeps its own 404 page, and its own page at /': async (app) => {
    const answer = await app.visitor().get('/no/such/page');
    assert.equal(answer.status, 404);
    assert.match(answer.body, /The notes application has no such page/);
    assert.match((await app.visitor().get('/')).body, /<h1[^>]*>Notes/);
  },

  'signs users out by the form on its page, and by its own code': async (app) => {
    const ada = await signedIn(app);
    const csrf = await ada.token('/notes');
    const byForm = await ada.post('/logout', { csrf });
    assert.deepEqual([byForm.status, byForm.location], [303, '/login']);
    assert.equal((await ada.get('/notes')).status, 303);
    await ada.signIn(ADA.username, ADA.password);
    const byCode = await ada.post('/leave', {});
    assert.deepEqual([byCode.status, byCode.location], [303, '/login']);
    assert.equal(ada.cookies.has('latchkey'), false);
    assert.equal((await ada.get('/notes')).status, 303);
  },

  'A01: limits wrong passwords by the address of the client, which no header can hide': async (app) => {
    const mallory = app.visitor();
    const csrf = await mallory.token('/login');
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 25; attempt += 1) {
      const credentials = { username: `user${attempt}`, password: 'a wrong passphrase', csrf };
      const forged = { 'x-forwarded-for': `198.51.100.${attempt}` };
      statuses.push((await mallory.post('/login', credentials, forged)).status);
    }
    assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429]);
  },
};

/** Ada in another browser. The first test registers her. */
async function signedIn(app: Running): Promise<Visitor> {
  const visitor = app.visitor();
  const signIn = await visitor.signIn(ADA.username, ADA.password);
  assert.equal(signIn.status, 303, signIn.body);
  return visitor;
}

async function notesOf(visitor: Visitor): Promise<readonly string[]> {
  return JSON.parse((await visitor.get('/api/notes')).body);
}

/** Starts an example application with a database in a folder. */
export async function startExample(
  application: ExampleApplication,
  folder: string,
  databaseUrl = `sqlite:${folder}/notes.db`,
): Promise<Running> {
  const port = application.port?.() ?? (await freePort());
  const { args, command, started = 'Notes are at' } = application;
  const environment = { PORT: String(port), DATABASE_URL: databaseUrl, ...application.environment };
  const program = startProgram(args(port), {
    folder: application.folder?.() ?? folder,
    environment,
    ...(command !== undefined && { command }),
  });
  await program.says(started);
  const origin = `http://localhost:${port}`;
  return {
    program,
    origin,
    visitor: () => createVisitor(fetch, origin),
    ageTokens: () => {
      using database = new DatabaseSync(`${folder}/notes.db`, { timeout: 10_000 });
      database.exec(AGE_TOKENS);
    },
  };
}

// By a day: beyond the time of a token and of a fresh authentication, and within the idle time of a session.
const AGE_TOKENS = `update sessions set
  token_issued_at = token_issued_at - 43200000, proven_at = proven_at - 43200000, previous_until = null`;
