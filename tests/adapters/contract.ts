import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { until } from '../kit/clock.ts';
import { type Program, startProgram } from '../kit/processes.ts';
import { freePort, type TemporaryFolder, temporaryFolder } from '../kit/temporary.ts';
import { ADA, type Answer, createVisitor, type HeaderFields, type Visitor } from '../kit/visitor.ts';

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
  /** Whether it has done so. By default the notes, which are a variable of a module, are empty. */
  readonly isReloaded?: (visitor: Visitor) => Promise<boolean>;
  /** Whether it does so in a new thread, with which a database in memory is lost. */
  readonly reloadsInThread?: boolean;
  /** Where the pages of Latchkey are. */
  readonly basePath?: string;
};

type Running = {
  readonly program: Program;
  readonly origin: string;
  readonly visitor: () => Visitor;
  /** The path of a page of Latchkey. */
  readonly own: (path: string) => string;
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
  const { reloadsInThread = false } = application;
  it(`has one Latchkey however often ${application.name} evaluates its modules`, async () => {
    using folder = temporaryFolder();
    const app = await startExample(application, folder.path, reloadsInThread ? undefined : 'sqlite::memory:');
    await using _ = app.program;
    await register(app);
    const ada = await signedIn(app);
    const { isReloaded = async () => (await ada.get('/api/notes')).body === '[]' } = application;
    for (const text of ['milk', 'eggs']) {
      assert.equal((await addNote(ada, text)).status, 303);
      assert.ok((await notesOf(ada)).includes(text));
      reload();
      await until('the modules are new', () => isReloaded(app.visitor()));
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
    assert.deepEqual([away.status, away.location], [303, app.own('/login?next=%2Fnotes%3Fpage%3D2')]);
    assert.match((await ada.get('/')).body, /You are signed out/);
    await register(app);
    const csrf = await ada.token(app.own('/login?next=%2Fnotes'));
    const signIn = await ada.post(app.own('/login'), { ...ADA, csrf, next: '/notes' });
    assert.deepEqual([signIn.status, signIn.location], [303, '/notes']);
    const page = await ada.get('/notes');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('cache-control') ?? '', /\bno-store\b/);
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
    const form = await addNote(ada, '<b>milk</b>');
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
      assert.ok(isRefused(await addNote(ada, 'forged', headers)));
      assert.equal((await ada.postJson('/api/notes', { text: 'forged' }, headers)).status, 403);
      assert.ok(isRefused(await ada.post(app.own('/logout'), {}, headers)));
    }
    assert.ok(!(await notesOf(ada)).includes('forged'));
  },

  'A71: admits programs with an API token to the routes that ask for its scope, and to no other': async (
    app,
  ) => {
    const ada = await signedIn(app);
    const reader = await programOf(app, ada, 'notes:read', 'notes:write');
    const before = await notesOf(ada);
    const read = await reader.get('/api/notes');
    assert.deepEqual([read.status, JSON.parse(read.body)], [200, before]);
    assert.match(read.headers.get('cache-control') ?? '', /\bno-store\b/);
    assert.deepEqual(read.headers.getSetCookie(), []);
    assert.equal((await reader.get('/notes')).status, 401);
    const writer = await programOf(app, ada, 'notes:write');
    const refused = await writer.get('/api/notes');
    assert.deepEqual(
      [refused.status, refused.headers.get('www-authenticate')],
      [403, 'Bearer error="insufficient_scope", scope="notes:read"'],
    );
    const reading = await programOf(app, ada, 'notes:read');
    assert.equal((await reading.post('/api/notes', 'forbidden')).status, 403);
    assert.deepEqual(await notesOf(ada), before);
  },

  'A29 A71: needs no origin of a program with an API token, whose own user alone it acts for': async (
    app,
  ) => {
    const ada = await signedIn(app);
    const program = await programOf(app, ada, 'notes:read', 'notes:write');
    const saved = await program.post('/api/notes', 'by a program');
    assert.equal(saved.status, 201, saved.body);
    assert.equal((await notesOf(ada)).at(-1), 'by a program');
    const wrong = { authorization: 'Bearer latchkey_pat_wrong' };
    for (const sender of [ada, app.visitor()]) {
      const refused = await sender.get('/api/notes', { accept: '*/*', ...wrong });
      assert.deepEqual(
        [refused.status, refused.headers.get('www-authenticate')],
        [401, 'Bearer error="invalid_token"'],
      );
    }
    const neither = await app.visitor().get('/api/notes', { accept: '*/*' });
    assert.match(neither.headers.get('www-authenticate') ?? '', /, Bearer$/);
  },

  'hands a rotated session token to the browser, once': async (app) => {
    const ada = await signedIn(app);
    app.ageTokens();
    const isRotatedBy = async (path: string) =>
      (await ada.get(path)).headers.getSetCookie().some((cookie) => /^latchkey\d*=/.test(cookie));
    assert.equal(await isRotatedBy('/notes'), true);
    assert.equal(await isRotatedBy('/notes'), false);
    app.ageTokens();
    assert.equal(await isRotatedBy('/api/notes'), true);
    assert.equal((await ada.get('/notes')).status, 200);
  },

  'P04: keeps a user signed in whose page is rendered from the application’s own API': async (app) => {
    const ada = await signedIn(app);
    await addNote(ada, 'one');
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
    // A component of Next.js redirects with 307.
    assert.ok(stale.status === 303 || stale.status === 307);
    assert.equal(stale.location, app.own('/account/confirm?next=%2Fdanger'));
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
    const byForm = await ada.post(app.own('/logout'), { csrf });
    assert.deepEqual([byForm.status, byForm.location], [303, app.own('/login')]);
    assert.equal((await ada.get('/notes')).status, 303);
    const again = await signedIn(app);
    const byCode = await again.post('/leave', {});
    assert.deepEqual([byCode.status, byCode.location], [303, app.own('/login')]);
    assert.ok(![...again.cookies.keys()].some((name) => /^latchkey\d*$/.test(name)));
    assert.equal((await again.get('/notes')).status, 303);
  },

  'A01: limits wrong passwords by the address of the client, which no header can hide': async (app) => {
    const mallory = app.visitor();
    const csrf = await mallory.token(app.own('/login'));
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 25; attempt += 1) {
      const credentials = { username: `user${attempt}`, password: 'a wrong passphrase', csrf };
      const forged = { 'x-forwarded-for': `198.51.100.${attempt}` };
      statuses.push((await mallory.post(app.own('/login'), credentials, forged)).status);
    }
    assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429]);
  },
};

async function register({ visitor, own }: Running): Promise<void> {
  const registration = await visitor().submit(own('/register'), ADA);
  assert.equal(registration.status, 303, registration.body);
}

/** Ada in another browser. The first test registers her. */
async function signedIn({ visitor: newVisitor, own }: Running): Promise<Visitor> {
  const visitor = newVisitor();
  const signIn = await visitor.submit(own('/login'), ADA);
  assert.equal(signIn.status, 303, signIn.body);
  return visitor;
}

/** A program with a new API token of a user: no browser, without cookies. */
async function programOf({ visitor, own }: Running, user: Visitor, ...scopes: readonly string[]) {
  const wanted = {
    name: 'a program',
    expires: '1d',
    ...Object.fromEntries(scopes.map((scope) => [`scope-${scope}`, true])),
  };
  const created = await user.postJson(own('/api/account/tokens/new'), wanted);
  assert.equal(created.status, 200, created.body);
  const authorization = `Bearer ${JSON.parse(created.body).token}`;
  const plain = { accept: '*/*', origin: '', 'sec-fetch-site': '' };
  return {
    get: (path: string) => visitor().get(path, { authorization }),
    post: (path: string, text: string) => visitor().postJson(path, { text }, { ...plain, authorization }),
  };
}

/** Sends the form on the page of notes as a browser does where scripts are off. */
async function addNote(visitor: Visitor, text: string, headers: HeaderFields = {}): Promise<Answer> {
  const { body } = await visitor.get('/notes');
  const form = body.split('<form').find((part) => part.includes('name="text"')) ?? assert.fail(body);
  const hidden = [...form.matchAll(/<input type="hidden" name="([^"]*)"(?: value="([^"]*)")?/g)];
  const fields = new FormData();
  for (const [, name = '', value = ''] of hidden) fields.append(name, value);
  fields.append('text', text);
  const [, action = ''] = /^[^>]*\baction="([^"]*)"/.exec(form) ?? [];
  const isMultipart = /^[^>]*multipart\/form-data/i.test(form);
  const target = action.startsWith('/') ? action : `/notes${action}`;
  const plain = Object.fromEntries([...fields].map(([name, value]) => [name, String(value)]));
  return visitor.post(target, isMultipart ? fields : plain, headers);
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
  const { args, command, started = 'Notes are at', basePath = '' } = application;
  const environment = { PORT: String(port), DATABASE_URL: databaseUrl, ...application.environment };
  const program = startProgram(args(port), {
    folder: application.folder?.() ?? folder,
    environment,
    // Development servers start others.
    isGroup: true,
    ...(command !== undefined && { command }),
  });
  await program.says(started);
  const origin = `http://localhost:${port}`;
  return {
    program,
    origin,
    visitor: () => createVisitor(fetch, origin),
    own: (path) => basePath + path,
    ageTokens: () => {
      using database = new DatabaseSync(`${folder}/notes.db`, { timeout: 10_000 });
      database.exec(AGE_TOKENS);
    },
  };
}

// By a day: beyond the time of a token and of a fresh authentication, and within the idle time of a session.
const AGE_TOKENS = `update sessions set
  token_issued_at = token_issued_at - 43200000, proven_at = proven_at - 43200000, previous_until = null`;
