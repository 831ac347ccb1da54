import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import { isConfirmed, newestConfirmation, REQUIRED, registerAda } from '../kit/mailed-links.ts';
import { startSystem } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

const LINK = '/api/verify-email';

function tokenOf(path: string): string {
  return new URL(path, 'http://localhost').searchParams.get('token') ?? '';
}

onEveryDatabase('the confirmation of an address as JSON', (engine) => {
  it('A14: asks an API client without the cookie of the registration for the password, and confirms once', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await registerAda(system);
    const token = tokenOf((await newestConfirmation(system)).path);
    const client = system.visitor();
    const reasonOf = async (body: Readonly<Record<string, string>>) => {
      const answer = await client.postJson(LINK, body);
      return [answer.status, JSON.parse(answer.body).problems?.[0].reason];
    };
    assert.deepEqual(await reasonOf({}), [404, 'link-unopened']);
    assert.deepEqual(await reasonOf({ token: 'invented' }), [410, 'link-gone']);
    assert.deepEqual(await reasonOf({ token }), [422, 'password-missing']);
    assert.deepEqual(await reasonOf({ token, password: 'not the password' }), [401, 'password-refused']);
    assert.equal(await isConfirmed(system), false);
    assert.deepEqual(await reasonOf({ token, password: ADA.password }), [200, undefined]);
    assert.equal(await isConfirmed(system), true);
    assert.deepEqual(await reasonOf({ token, password: ADA.password }), [410, 'link-gone']);
  });

  it('A61: refuses the code of a step to a client without a pending sign-in', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await registerAda(system);
    const { code } = await newestConfirmation(system);
    const answer = await system.visitor().postJson('/api/login/confirm-address', { code });
    assert.equal(answer.status, 409);
    assert.equal(JSON.parse(answer.body).problems[0].reason, 'no-pending-sign-in');
    assert.equal(await isConfirmed(system), false);
  });
});
