import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase, withoutTable } from '../kit/databases.ts';
import { REPORT, reportPath, resetPathsTo, startWithAda } from '../kit/mailed-links.ts';
import { rowsIn } from '../kit/sign-in-steps.ts';
import { reachInside } from '../kit/system.ts';
import { ADA, isSignedIn, signInAsThief } from '../kit/visitor.ts';

onEveryDatabase('a sign-in from a new device', (engine) => {
  it('fails when its notice cannot be written', async () => {
    await using system = await startWithAda(engine);
    const { database } = reachInside(system, 'no public function renames a table').core;
    const visitor = system.visitor();
    const refused = await withoutTable(database, 'mail_outbox', () =>
      visitor.signIn(ADA.username, ADA.password),
    );
    assert.equal(refused.status, 500);
    assert.equal(await isSignedIn(visitor), false);
    assert.deepEqual(await rowsIn(system, 'sessions'), []);
  });
});

onEveryDatabase('the link “this was not me” in the notice of a sign-in', (engine) => {
  it('A15: works once when sixteen requests spend its token at once', async () => {
    await using system = await startWithAda(engine);
    await signInAsThief(system);
    const path = await reportPath(system);
    const owners = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const visitor = system.visitor();
        await visitor.get(path);
        return { visitor, csrf: await visitor.token(REPORT) };
      }),
    );
    const answers = await Promise.all(owners.map(({ visitor, csrf }) => visitor.post(REPORT, { csrf })));
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((one, other) => one - other),
      [303, ...Array<number>(15).fill(410)],
    );
    assert.equal((await resetPathsTo(system)).length, 1);
  });
});
