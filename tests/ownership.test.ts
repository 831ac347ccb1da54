import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paths } from '../src/auth/paths.ts';
import { migrations } from '../src/latchkey.ts';
import { migrate, openDatabase } from '../src/platform/sql/index.ts';
import { DATABASE_OPTIONS } from './kit/databases.ts';
import { isTest, readSources, textOf } from './kit/sources.ts';
import { composedFeatures } from './kit/system.ts';

const sources = readSources(['src']).filter(({ path }) => !isTest(path));

/** A module that may read another module's table, and the reason. It may not write it. */
const FOREIGN_READING: Readonly<Record<string, readonly string[]>> = {
  // The session check reads the user in the same statement, and a session begins only for an enabled account.
  'src/auth/sessions/store.ts': ['accounts'],
  // A sign-in waits only for a usable account, and the page of its step greets its owner.
  'src/auth/required-steps/store.ts': ['accounts'],
  // The look-up of a session has the roles of its account as a sub-select.
  'src/features/roles/store.ts': ['sessions'],
  // The look-up of an API token reads its user in the same statement.
  'src/features/api-tokens/store.ts': ['accounts'],
  // A page of accounts is found by name, state and role in one statement.
  'src/library/user-list.ts': ['accounts', 'account_roles'],
};

/** The types of tables, such as `SessionTables`; each is in the module that holds all SQL of its tables. */
const TABLE_TYPES = /^export type \w+Tables = \{\n([\s\S]*?)^\};/gm;

/** The owner of each table: the module with the type of its rows. */
function tableOwners(): ReadonlyMap<string, string> {
  const owned = sources.flatMap(({ path }) =>
    [...textOf(path).matchAll(TABLE_TYPES)].flatMap(([, tables = '']) =>
      [...tables.matchAll(/^ {2}(\w+): \{$/gm)].map(([, table = '']) => [table, path] as const),
    ),
  );
  return new Map(owned);
}

const isOfOperators = (path: string) => path.startsWith('src/operations/');

describe('the SQL of a table', () => {
  const owners = tableOwners();

  it('has one owner for each table of the schema', async () => {
    const database = openDatabase('sqlite::memory:', DATABASE_OPTIONS);
    await migrate(database, migrations, 0);
    const found = await database.queries.introspection.getTables();
    await database.close();
    const tables = found.filter(({ isView }) => !isView).map(({ name }) => name);
    assert.deepEqual([...owners.keys()].sort(), tables.sort());
  });

  it('is written only in its owner', () => {
    for (const { path, code } of sources) {
      if (isOfOperators(path)) continue;
      // In the methods of Kysely, the first text begins with the table or one of its columns.
      for (const [, method = '', table = ''] of code.matchAll(/\.(\w+)\(\s*\[?\s*'(\w+)(?=[. '])/g)) {
        const owner = owners.get(table);
        if (owner === undefined || owner === path) continue;
        const mayRead = FOREIGN_READING[path]?.includes(table) === true;
        const isWriting = /^(insert|update|delete|replace|merge)/.test(method);
        assert.ok(mayRead && !isWriting, `${path} uses ${table} in ${method}; call what ${owner} exports`);
      }
    }
  });

  it('belongs to the feature that declares the table', () => {
    const declared = composedFeatures().flatMap(({ name, tables = {} }) =>
      Object.keys(tables).map((table) => [table, name] as const),
    );
    const owned = [...owners].flatMap(([table, owner]) => {
      const feature = /^src\/features\/([^/]+)\//.exec(owner)?.[1];
      return feature === undefined ? [] : [[table, feature] as const];
    });
    assert.deepEqual(new Map(declared), new Map(owned));
  });
});

describe('the database engine', () => {
  it('is known only in platform/sql', () => {
    for (const { path, code, imports } of sources) {
      if (path.startsWith('src/platform/sql/') || isOfOperators(path)) continue;
      for (const { module } of imports) {
        const isEngine = /^(node:sqlite|kysely|pg|mysql2|mariadb|better-sqlite3|postgres)(\/|$)/.test(module);
        assert.ok(!isEngine, `${path} imports ${module}; use what platform/sql offers`);
      }
      // The setting that names a database must list the valid schemes.
      if (path === 'src/platform/settings/database-settings.ts') continue;
      const dialect =
        /\b(sqlite|postgres\w*|mysql|mariadb|pragma|rowid|autoincrement)\b|\.(returning|onConflict|onDuplicateKeyUpdate|ignore)\(/i;
      assert.equal(
        dialect.exec(code)?.[0],
        undefined,
        `${path} speaks a dialect; give Database a word for it`,
      );
    }
  });
});

describe('the sign-in gate', () => {
  it('is the only code that begins a session', () => {
    const callers = sources.filter(({ code }) => /\.begin\(/.test(code)).map(({ path }) => path);
    assert.deepEqual(
      callers,
      ['src/auth/sign-in.ts'],
      `${callers} begin sessions; every way in calls completeSignIn`,
    );
  });
});

/**
 * The functions that change how an account can be entered, and the files that call them outside of `changeCredential`'s
 * `apply`.
 */
const CREDENTIAL_WRITES: Readonly<Record<string, readonly string[]>> = {
  'passwords.set(': [],
  // Called in `apply` when an account is recovered from an attacker.
  'passwords.disable(': ['src/features/password-reset/recovery.ts'],
  'passwords.noteDisabled(': [],
  'changeEmail(': ['src/auth/accounts/store.ts'],
  // A new account has the address that its provider has confirmed.
  // An application may have confirmed the address of an account that it creates.
  'confirmEmail(': [
    'src/auth/accounts/store.ts',
    'src/features/external-sign-in/new-account.ts',
    'src/library/user-creation.ts',
  ],
  'insertIdentity(': [
    'src/features/external-sign-in/store/identities.ts',
    'src/features/external-sign-in/new-account.ts',
  ],
  'deleteIdentity(': ['src/features/external-sign-in/store/identities.ts'],
  'deleteIdentitiesOf(': ['src/features/external-sign-in/store/identities.ts'],
  // In `apply` when its user creates one; for a device that the user has allowed in `apply`; and by the application.
  'apiTokens.insert(': ['src/features/device-grant/issue-token.ts', 'src/library/tokens.ts'],
  'insertApiToken(': ['src/features/api-tokens/api-tokens.ts', 'src/features/api-tokens/store.ts'],
  'clearKnownDevices(': ['src/auth/accounts/store.ts', 'src/auth/credential-change.ts'],
  // All but one at the request of the user, and all at that of the operator or with the account.
  'deleteSessionsOf(': [
    'src/auth/accounts/account-lifecycle.ts',
    'src/auth/credential-change.ts',
    'src/auth/sessions/sessions.ts',
    'src/auth/sessions/store.ts',
  ],
};

/** The code without the arguments of each call of a function. */
function withoutCallsOf(name: string, code: string): string {
  const start = code.indexOf(`${name}(`);
  if (start === -1) return code;
  let [end, depth] = [start + name.length, 0];
  do {
    if (code[end] === '(') depth += 1;
    if (code[end] === ')') depth -= 1;
    end += 1;
  } while (depth > 0 && end < code.length);
  return code.slice(0, start) + withoutCallsOf(name, code.slice(end));
}

describe('the gate for changes of credentials', () => {
  it('is the only code that changes how an account can be entered', () => {
    for (const { path, code } of sources) {
      const outside = withoutCallsOf('changeCredential', code);
      for (const [call, allowed] of Object.entries(CREDENTIAL_WRITES))
        assert.ok(
          !outside.includes(call) || allowed.includes(path),
          `${path} calls ${call}…) itself; do it in the apply of changeCredential`,
        );
    }
  });
});

describe('a form that requires fresh authentication', () => {
  it('has a page at the same path, to which the user returns after the proof', () => {
    const routes = composedFeatures().flatMap((feature) => feature.routes);
    const forms = routes.filter(
      (route) => route.access === 'fresh' && route.method === 'POST' && !('body' in route),
    );
    for (const { path } of forms) {
      const page = routes.find((route) => route.path === path && route.method === 'GET');
      assert.ok(page !== undefined, `${path} has a form and no page`);
    }
  });
});

describe('the path of a page', () => {
  it('is named only in its own feature and in auth/paths.ts', () => {
    const routes = composedFeatures().flatMap(({ name, routes }) =>
      routes.map((route) => ({ name, path: String(route.path) })),
    );
    const declared = routes.map(({ path }) => path);
    assert.deepEqual(
      Object.values<string>(paths).filter((path) => !declared.includes(path)),
      [],
    );
    for (const { name, path } of routes.filter(({ path }) => path !== '/')) {
      const naming = new RegExp(`["'\`]${path.replaceAll('.', '\\.')}(?![\\w/-])`);
      const others = sources.filter((file) => !file.path.startsWith(`src/features/${name}/`));
      const namers = others.filter(({ code }) => naming.test(code)).map((file) => file.path);
      const allowed = namers.filter((namer) => namer !== 'src/auth/paths.ts');
      assert.deepEqual(allowed, [], `${allowed} names ${path}, which is of ${name}; use auth/paths.ts`);
    }
  });
});
