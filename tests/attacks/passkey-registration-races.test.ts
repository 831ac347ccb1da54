import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import { BY_INVITATION, createInvitation, openInvitation } from '../kit/mailed-links.ts';
import { authenticatorFor, PASSKEY_REGISTER, signInWithPasskey, withCredentialId } from '../kit/passkeys.ts';
import { CODES_STEP } from '../kit/second-factors.ts';
import {
  reachInside,
  shareCookies,
  startSystem,
  startTwoNodes,
  type TestSystem,
  usernamesIn,
} from '../kit/system.ts';
import { type Answer, copyOf, newAddress, pathTo, tokenIn, type Visitor } from '../kit/visitor.ts';

const OFF = { email: 'off' } as const;

type Prepared = {
  readonly visitor: Visitor;
  readonly fields: { readonly csrf: string; readonly username: string; readonly credential: string };
};

/** A browser that has everything for a registration. */
async function prepare(
  visitor: Visitor,
  username: string,
  create: (options: unknown) => object,
): Promise<Prepared> {
  const { body } = await visitor.get(PASSKEY_REGISTER);
  const [, flow = ''] = /data-flow="([\w-]+)"/.exec(body) ?? [];
  const asked = await visitor.postJson(`/api${PASSKEY_REGISTER}`, { username, ...(flow !== '' && { flow }) });
  const credential = JSON.stringify(create(JSON.parse(asked.body).options));
  return { visitor, fields: { csrf: tokenIn(body), username, credential } };
}

const send = ({ visitor, fields }: Prepared): Promise<Answer> => visitor.post(PASSKEY_REGISTER, fields);

const isDone = (answer: Answer) => pathTo(answer) === CODES_STEP;

/** What is stored beside the accounts; each list of ten codes is one factor. */
async function kindsIn(system: TestSystem): Promise<readonly string[]> {
  const { queries } = reachInside(system, 'no page shows what a refused registration leaves').core.database;
  const rows = await queries.selectFrom('second_factors').select('kind').execute();
  return rows.map(({ kind }) => kind).toSorted();
}

onEveryDatabase('a registration with a passkey', (engine) => {
  it('A54: gives a username to exactly one of twelve authenticators at once, and the others keep nothing', async () => {
    await using pair = await startTwoNodes(engine, OFF);
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, number) => {
        const node = number % 2 === 0 ? pair.one : pair.other;
        const visitor = node.visitorFrom(newAddress());
        return prepare(visitor, 'Ada', authenticatorFor(pair.one).create);
      }),
    );
    const answers = await Promise.all(all.map(send));
    assert.equal(answers.filter(isDone).length, 1);
    for (const answer of answers) assert.ok(isDone(answer) || answer.status === 422, String(answer.status));
    assert.deepEqual(await usernamesIn(pair.one), ['Ada']);
    assert.deepEqual(await kindsIn(pair.one), ['passkey', 'recovery-codes']);
  });

  it('A41 gives a credential to exactly one of eight names at once', async () => {
    await using pair = await startTwoNodes(engine, OFF);
    const authenticator = authenticatorFor(pair.one);
    const ids: string[] = [];
    const all: Prepared[] = [];
    for (let number = 0; number < 8; number += 1) {
      const node = number % 2 === 0 ? pair.one : pair.other;
      const create = (options: unknown) => {
        const created = (number === 0 ? authenticator : authenticatorFor(pair.one)).create(options);
        ids.push(created.id);
        return withCredentialId(created, String(ids[0]));
      };
      all.push(await prepare(node.visitorFrom(newAddress()), `Person ${number}`, create));
    }
    const answers = await Promise.all(all.map(send));
    assert.equal(answers.filter(isDone).length, 1);
    for (const answer of answers) assert.ok(isDone(answer) || answer.status === 409, String(answer.status));
    assert.equal((await usernamesIn(pair.one)).length, 1);
    assert.deepEqual(await kindsIn(pair.one), ['passkey', 'recovery-codes']);
  });

  it('A41 A66 creates one account by one response that many requests send at once', async () => {
    await using pair = await startTwoNodes(engine, OFF);
    const authenticator = authenticatorFor(pair.one);
    const { visitor, fields } = await prepare(pair.one.visitor(), 'Ada', authenticator.create);
    // Further fields make the requests differ, so that none gets the outcome of another.
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, number) => {
        const twin = number % 2 === 0 ? copyOf(pair.one, visitor) : shareCookies(visitor, pair.other);
        return twin.post(PASSKEY_REGISTER, { ...fields, extra: `${number}` });
      }),
    );
    assert.equal(answers.filter(isDone).length, 1);
    for (const answer of answers) assert.ok(isDone(answer) || answer.status === 409, String(answer.status));
    assert.deepEqual(await usernamesIn(pair.one), ['Ada']);
    assert.deepEqual(await kindsIn(pair.one), ['passkey', 'recovery-codes']);
    assert.equal((await signInWithPasskey(pair.other.visitor(), authenticator)).status, 303);
  });

  it('A54: creates one account when eight browsers use one invitation at once', async () => {
    await using system = await startSystem({ ...BY_INVITATION, ...OFF }, engine);
    const token = await createInvitation(system);
    const all: Prepared[] = [];
    for (let number = 0; number < 8; number += 1) {
      const visitor = await openInvitation(system, token);
      all.push(await prepare(visitor, `Person ${number}`, authenticatorFor(system).create));
    }
    const answers = await Promise.all(all.map(send));
    assert.equal(answers.filter(isDone).length, 1);
    for (const answer of answers) assert.ok(isDone(answer) || answer.status === 403, String(answer.status));
    assert.equal((await usernamesIn(system)).length, 1);
    assert.deepEqual(await kindsIn(system), ['passkey', 'recovery-codes']);
  });
});
