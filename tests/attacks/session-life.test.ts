import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { AccountId, SessionId } from '../../src/auth/identifiers/ids.ts';
import { HOUR, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { type Engine, existingDatabase, onEveryDatabase } from '../kit/databases.ts';
import { reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import { sessionRequest } from '../kit/visitor.ts';
import { modelOf, type SessionModel } from './session-model.ts';

// A small model of a session, and the real one on two nodes of one database: in every sequence of events, both
// must respond alike. So no legitimate user is signed out, and no ended token is accepted.

const SESSION = 'latchkey';
const ROTATE = 10 * MINUTE;
/** Neither limit is reached by any sequence of these steps; they have tests of their own. */
const FOREVER = { sessionIdle: '30d', sessionLifetime: '30d' };

type Step =
  /** The browser sends a request to a node; the response may be lost. */
  | { readonly kind: 'ask'; readonly node: 0 | 1; readonly isLost: boolean }
  /** Several tabs of the browser send requests to both nodes at once. */
  | { readonly kind: 'ask at once'; readonly times: number }
  /** An attacker copies the browser's cookie. */
  | { readonly kind: 'steal' }
  /** The attacker presents one of the copied cookies. */
  | { readonly kind: 'show stolen'; readonly which: number; readonly node: 0 | 1 }
  | { readonly kind: 'prove anew'; readonly isLost: boolean }
  | { readonly kind: 'sign out' }
  /** Time passes; less than none if an operator sets the clock back. */
  | { readonly kind: 'wait'; readonly milliseconds: number };

const node = fc.constantFrom(0 as const, 1 as const);
const isLost = fc.boolean();
const waits = [
  5 * SECOND,
  1,
  SECOND,
  29 * SECOND,
  30 * SECOND - 1,
  30 * SECOND,
  MINUTE,
  ROTATE - 1,
  ROTATE,
  HOUR,
  -MINUTE,
  -HOUR,
];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('ask' as const), node, isLost }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('ask at once' as const),
      times: fc.integer({ min: 2, max: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'steal' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('show stolen' as const), which: fc.nat(9), node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('prove anew' as const), isLost }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'sign out' as const }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      milliseconds: fc.constantFrom(...waits),
    }),
  },
);

/** The participants of one run. */
type Play = {
  readonly nodes: readonly [TestSystem, TestSystem];
  readonly accountId: AccountId;
  readonly sessionId: SessionId;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly model: SessionModel;
  readonly stolen: string[];
  /** The browser's cookie. */
  jar: string;
};

onEveryDatabase('a session on two nodes', (engine) => {
  // With five seconds, tokens are due for rotation while the one before still works.
  for (const sessionRotate of ['10m', '5s']) {
    it(`A09 A10 A59: behaves like its model in every order of events when its token rotates after ${sessionRotate}`, async () => {
      await using one = await startSystem({ ...FOREVER, sessionRotate }, engine);
      await using other = await startSystem({ ...FOREVER, sessionRotate }, existingDatabase(one.databaseUrl));
      const accountId = await accountOn(one);
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          const play = await begin([one, other], accountId);
          for (const each of steps) await run(play, each);
          await coreOf(one).lifecycle.signOut(accountId);
        }),
        { numRuns: runsOn(engine) },
      );
    });
  }

  it('A62: never ends while its cookie is not copied, whichever responses are lost, dropped by a client or missing in a restored cookie file', async () => {
    await using one = await startSystem(FOREVER, engine);
    await using other = await startSystem(FOREVER, existingDatabase(one.databaseUrl));
    const accountId = await accountOn(one);
    const isHonest = (each: Step) =>
      each.kind === 'ask at once' ||
      (each.kind === 'wait' && each.milliseconds > 0) ||
      // The response to fresh authentication must arrive, because the replaced token is invalid at once.
      (each.kind === 'prove anew' && !each.isLost) ||
      each.kind === 'ask';
    await fc.assert(
      fc.asyncProperty(fc.array(step.filter(isHonest), { minLength: 5, maxLength: 40 }), async (steps) => {
        const play = await begin([one, other], accountId);
        for (const each of steps) await run(play, each);
        assert.equal((await show(other, play.jar)).status, 200);
        await coreOf(one).lifecycle.signOut(accountId);
      }),
      { numRuns: runsOn(engine) },
    );
  });
});

function coreOf(system: TestSystem) {
  return reachInside(system, 'over HTTP each step would need a password').core;
}

async function accountOn(system: TestSystem): Promise<AccountId> {
  const account = { username: { username: 'Ada', key: 'ada' }, email: null };
  const creation = await coreOf(system).accounts.create(account, system.clock.read(), async () => {});
  assert.ok(creation.ok);
  return creation.accountId;
}

// A server takes longer for each step than a file.
function runsOn({ name }: Engine): number {
  return name === 'SQLite' ? 150 : 50;
}

async function begin(nodes: Play['nodes'], accountId: AccountId): Promise<Play> {
  const now = nodes[0].clock.read();
  const begun = await coreOf(nodes[0]).sessions.begin(sessionRequest(accountId), now);
  assert.ok(begun !== null);
  const { sessionId, token, expiresAt } = begun;
  return {
    nodes,
    accountId,
    sessionId,
    createdAt: now,
    expiresAt,
    model: modelOf(token, now, coreOf(nodes[0]).settings.sessionRotate),
    stolen: [],
    jar: token,
  };
}

async function run(play: Play, each: Step): Promise<void> {
  switch (each.kind) {
    case 'wait':
      for (const { clock } of play.nodes) clock.advance(each.milliseconds);
      return;
    case 'ask':
      await ask(play, play.nodes[each.node], each.isLost);
      return;
    case 'ask at once':
      await askAtOnce(play, each.times);
      return;
    case 'steal':
      play.stolen.push(play.jar);
      return;
    case 'show stolen':
      await showStolen(play, play.nodes[each.node], each.which);
      return;
    case 'prove anew':
      await authenticateAgain(play, each.isLost);
      return;
    case 'sign out':
      await coreOf(play.nodes[0]).sessions.end(play.accountId, play.sessionId);
      play.model.ended();
  }
}

/** Presents a token and compares the response with the model; returns the successor, if there is one. */
async function showAsExpected({ model }: Play, system: TestSystem, token: string): Promise<string | null> {
  const now = system.clock.read();
  const expected = model.expect(token, now);
  const { status, successor } = await show(system, token);
  assert.equal(status, expected.status);
  if (expected.status === 401) assert.equal(successor, null);
  else if (expected.successor === 'none') assert.equal(successor, null);
  else if (expected.successor === 'new') {
    assert.ok(successor !== null && successor !== token, 'another token is due');
    model.rotated(successor, now);
  } else assert.equal(successor, expected.successor.token, 'the one that may have got lost');
  return successor;
}

async function ask(play: Play, system: TestSystem, isLost: boolean): Promise<void> {
  const successor = await showAsExpected(play, system, play.jar);
  if (successor !== null && !isLost) play.jar = successor;
}

async function askAtOnce(play: Play, times: number): Promise<void> {
  const now = play.nodes[0].clock.read();
  const expected = play.model.expect(play.jar, now);
  const answers = await Promise.all(
    Array.from({ length: times }, (_, number) => show(play.nodes[number % 2 === 0 ? 0 : 1], play.jar)),
  );
  for (const { status } of answers) assert.equal(status, expected.status);
  const successors = new Set(answers.flatMap(({ successor }) => successor ?? []));
  const [successor] = successors;
  if (expected.status === 401 || expected.successor === 'none') assert.equal(successors.size, 0);
  else assert.equal(successors.size, 1, 'one successor, however many ask');
  if (successor === undefined) return;
  if (expected.status === 200 && expected.successor === 'new') play.model.rotated(successor, now);
  play.jar = successor;
}

async function showStolen(play: Play, system: TestSystem, which: number): Promise<void> {
  const token = play.stolen[which % Math.max(play.stolen.length, 1)];
  if (token === undefined) return;
  const wasStolen = play.model.hasBeenStolen();
  const noticed = countThefts(play);
  await showAsExpected(play, system, token);
  const isNoticedNow = play.model.hasBeenStolen() && !wasStolen;
  assert.equal(countThefts(play) - noticed, isNoticedNow ? 1 : 0);
}

async function authenticateAgain(play: Play, isLost: boolean): Promise<void> {
  const now = play.nodes[0].clock.read();
  const { accountId, sessionId: id, createdAt, expiresAt } = play;
  const named = { user: { id: accountId }, session: { id, createdAt, expiresAt } };
  const token = await coreOf(play.nodes[0]).sessions.renew(named, now, { by: 'password' });
  assert.equal(token !== null, play.model.isAlive());
  if (token === null) return;
  play.model.renewed(token, now);
  if (!isLost) play.jar = token;
}

function countThefts({ nodes }: Play): number {
  return nodes.flatMap(({ events }) => events).filter(({ type }) => type === 'session-stolen').length;
}

async function show({ fetch, origin }: TestSystem, token: string) {
  const headers = { cookie: `${SESSION}=${token}`, accept: 'application/json' };
  const answer = await fetch(new Request(`${origin}/api/session`, { headers }));
  await answer.arrayBuffer();
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith(`${SESSION}=`));
  return { status: answer.status, successor: cookie?.slice(SESSION.length + 1).split(';')[0] ?? null };
}
