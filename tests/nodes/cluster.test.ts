import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startNginx } from '../../scripts/provide/nginx.ts';
import { type Engine, engines, isFullRun, REDIS_URL } from '../kit/databases.ts';
import { type ServerProcess, startServerProcess } from '../kit/processes.ts';
import { SECRET_KEY } from '../kit/system.ts';
import { freePort, temporaryFolder } from '../kit/temporary.ts';
import { completeJourney, createJourneyUser, type JourneyUser, signIn } from '../kit/user-journey.ts';
import { createVisitor } from '../kit/visitor.ts';

const USERS = isFullRun ? 500 : 120;
const AT_ONCE = 16;
/** After this many users have arrived. */
const KILL_AT = Math.floor(0.3 * USERS);
const RESTART_AT = Math.floor(0.6 * USERS);

/** Runs a task for each item of a list, `atOnce` at a time. */
async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Three nodes on one database and one Redis, behind a proxy that passes each request to the next of them. */
async function startCluster(running: AsyncDisposableStack, engine: Engine) {
  if (REDIS_URL === undefined) throw new Error('npm test starts Redis');
  const database = running.use(await engine.create());
  const folder = running.use(temporaryFolder());
  const door = await freePort();
  const environment = {
    BASE_URL: `http://localhost:${door}`,
    DATABASE_URL: database.url,
    REDIS_URL,
    SECRET_KEY,
    PASSWORD_HASH: 'm=19456,t=2,p=1',
  };
  const start = async (port: number) => {
    const node = await startServerProcess(folder.path, environment, { port });
    // A test that has failed meanwhile stops waiting.
    if (running.disposed) await node[Symbol.asyncDispose]();
    return running.use(node);
  };
  const ports = [await freePort(), await freePort(), await freePort()] as const;
  const nodes = await Promise.all([start(ports[0]), start(ports[1]), start(ports[2])]);
  const proxy = await startNginx(door, ports);
  running.defer(proxy.stop);
  return { nodes, start, visitor: () => createVisitor(fetch, proxy.url) };
}

/** The number of sign-ins that a node has logged. It must have ended. */
async function signedInBy(node: ServerProcess): Promise<number> {
  const { stdout } = await node.program.ended;
  return stdout.split('"event":"signed-in"').length - 1;
}

const tested = engines.filter(({ name }) => name === 'PostgreSQL' || name === 'Galera');
if (tested.length === 0) throw new Error('npm test starts PostgreSQL');

for (const engine of tested)
  describe(`three nodes behind a proxy (${engine.name})`, () => {
    it(`A60: serve ${USERS} users without losing or mixing up any, while one node is killed and one restarted`, async () => {
      await using running = new AsyncDisposableStack();
      const cluster = await startCluster(running, engine);
      const [one, two, three] = cluster.nodes;
      const users = Array.from({ length: USERS }, (_, number) =>
        createJourneyUser(number, cluster.visitor()),
      );
      let arrivals = 0;
      let restarted: Promise<ServerProcess> | undefined;
      const travel = async (user: JourneyUser) => {
        await completeJourney(user);
        arrivals += 1;
        if (arrivals === KILL_AT) one.program.send('SIGKILL');
        if (arrivals === RESTART_AT) {
          two.program.send('SIGTERM');
          restarted = two.program.ended.then(() => cluster.start(two.port));
        }
      };
      await forEach(users, travel);
      assert.equal(arrivals, USERS);
      await forEach(users, signIn);

      assert.equal((await two.program.ended).status, 0, 'the one that was asked to end has ended well');
      const again = await restarted;
      assert.ok(again !== undefined);
      for (const node of [three, again]) node.program.send('SIGTERM');
      const shares = await Promise.all([one, two, three, again].map(signedInBy));
      assert.ok(
        shares.every((share) => share > USERS / 25),
        `each has done its share: ${shares}`,
      );
    });
  });
