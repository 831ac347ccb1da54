import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { asApplication, WORDS } from '../kit/application.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { runCommands } from '../kit/processes.ts';
import { accountIdOf, deleteExpired, eventsOf, startSystem, type TestSystem } from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { ADA, BEN, type Visitor } from '../kit/visitor.ts';

const PAGE = '/account/delete';

/** An application whose orders may not lose their owner; that of Ada is the only one. */
async function sell(system: TestSystem) {
  const application = asApplication(system.databaseUrl);
  const orders = application.database.engine === 'postgresql' ? 'public.app_orders' : 'app_orders';
  const { id, users, accounts } = WORDS[application.database.engine];
  const userId = application.database.engine === 'postgresql' ? 'id' : 'id_bytes';
  await application.run(
    `create table ${orders} (owner ${id} not null,
      constraint app_orders_owner foreign key (owner) references ${accounts} (id))`,
    `insert into ${orders} select ${userId} from ${users} where username = '${ADA.username}'`,
  );
  const dispose = async () => {
    await application.run(`drop table ${orders}`);
    await application[Symbol.asyncDispose]();
  };
  const cancel = () => application.run(`delete from ${orders}`);
  return { cancel, [Symbol.asyncDispose]: dispose };
}

type User = { readonly username: string; readonly password: string };

async function signedIn(system: TestSystem, { username, password }: User): Promise<Visitor> {
  const visitor = system.visitor();
  await visitor.register(username, password);
  await visitor.signIn(username, password);
  return visitor;
}

/** What the log says of refused deletions: table and constraint, as far as the engine names them. */
function refusalsIn({ logLines }: TestSystem): readonly unknown[] {
  return logLines
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === 'account-deletion-refused')
    .map(({ level, table, constraint }) => ({ level, table, constraint }));
}

const REFUSALS = {
  SQLite: { level: 'warn', table: 'app_orders', constraint: null },
  PostgreSQL: { level: 'warn', table: 'public.app_orders', constraint: 'app_orders_owner' },
  MariaDB: { level: 'warn', table: 'app_orders', constraint: 'app_orders_owner' },
} as const;

onEveryDatabase('a deletion that a foreign key of the application refuses', (engine) => {
  const refusal = Object.entries(REFUSALS).find(([name]) => name === engine.name)?.[1];

  it('is explained on the page and in the answer of the API, changes nothing, and names table and constraint in the log', async () => {
    await using system = await startSystem({ deletionDelay: '0s', logLevel: 'info' }, engine);
    const ada = await signedIn(system, ADA);
    await using application = await sell(system);
    const page = await ada.submit(PAGE, {});
    assert.equal(page.status, 409);
    assert.match(page.body, /role="alert">Your account cannot be deleted yet, because other data/);
    const answer = await ada.postJson(`/api${PAGE}`, {});
    assert.equal(answer.status, 409);
    assert.equal(JSON.parse(answer.body).problems[0].reason, 'referenced');
    assert.equal((await ada.get('/api/session')).status, 200, 'the session is as it was');
    assert.deepEqual(refusalsIn(system), [refusal], 'once a day for one account');
    await application.cancel();
    assert.equal((await ada.submit(PAGE, {})).location, '/login');
    assert.equal(await accountIdOf(system, ADA.username), null);
  });

  it('stops neither the deletion of the next account nor that of other expired rows', async () => {
    await using system = await startSystem({ deletionDelay: '1h', logLevel: 'info' }, engine);
    const ada = await signedIn(system, ADA);
    assert.equal((await ada.submit(PAGE, {})).location, '/login');
    await using application = await sell(system);
    const ben = await signedIn(system, BEN);
    assert.equal((await ben.submit(PAGE, {})).location, '/login');
    system.clock.advance(HOUR);
    assert.ok(Number(await deleteExpired(system)) > 1, 'the account of Ben, and rows of other kinds');
    assert.equal(await accountIdOf(system, BEN.username), null);
    assert.notEqual(await accountIdOf(system, ADA.username), null);
    assert.deepEqual(refusalsIn(system), [refusal]);
    system.clock.advance(MINUTE);
    await deleteExpired(system);
    assert.equal(refusalsIn(system).length, 1, 'it is not tried every minute');
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 401);
    await application.cancel();
    system.clock.advance(DAY);
    await deleteExpired(system);
    assert.equal(await accountIdOf(system, ADA.username), null);
    assert.equal(eventsOf(system, 'account-deleted').length, 2);
  });

  it('is a fault of the command with the name of the table', async () => {
    await using system = await startSystem({}, engine);
    await signedIn(system, ADA);
    await using _ = await sell(system);
    using folder = temporaryFolder();
    const [ending] = await runCommands(folder.path, [['user', 'delete', ADA.username, '--yes']], {
      DATABASE_URL: system.databaseUrl,
    });
    assert.equal(ending?.status, 1);
    assert.match(String(ending?.stderr), /app_orders refers to the account, and .* refuses the deletion; /);
    assert.notEqual(await accountIdOf(system, ADA.username), null);
  });
});
