import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import { BY_INVITATION, createInvitation, openInvitation } from '../kit/mailed-links.ts';
import { startSystem, storedHashes, usernamesIn } from '../kit/system.ts';
import { ADA, BEN } from '../kit/visitor.ts';

onEveryDatabase('a registration by invitation', (engine) => {
  it('A54: creates one account when sixteen browsers use one invitation at once', async () => {
    await using system = await startSystem(BY_INVITATION, engine);
    const token = await createInvitation(system);
    const visitors = await Promise.all(Array.from({ length: 16 }, () => openInvitation(system, token)));
    const tokens = await Promise.all(visitors.map((visitor) => visitor.token('/register')));
    const answers = await Promise.all(
      visitors.map((visitor, number) =>
        visitor.post('/register', {
          csrf: String(tokens[number]),
          username: `Person ${number % 8}`,
          password: ADA.password,
        }),
      ),
    );
    assert.equal(answers.filter(({ status }) => status === 303).length, 1);
    for (const { status } of answers) assert.ok([303, 403, 422].includes(status), String(status));
    assert.equal((await usernamesIn(system)).length, 1);
    assert.equal((await storedHashes(system)).length, 1, 'nothing half-made is left behind');
  });

  it('leaves the invitation valid when it fails', async () => {
    await using system = await startSystem(BY_INVITATION, engine);
    const first = await openInvitation(system, await createInvitation(system));
    await first.register(ADA.username, ADA.password);
    const ben = await openInvitation(system, await createInvitation(system));
    assert.equal((await ben.register(ADA.username, BEN.password)).status, 422);
    assert.equal((await ben.register(BEN.username, 'short')).status, 422);
    assert.equal((await ben.register(BEN.username, BEN.password)).status, 303);
  });
});
