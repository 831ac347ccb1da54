import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findIdentity, insertIdentity } from '../../src/features/external-sign-in/store/identities.ts';
import { bytesToId } from '../../src/platform/text/index.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { existingAccountId, reachInside, startSystem } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

/** Subjects that a collation, a trim or a number could take for each other. */
const SUBJECTS = [
  ...['a', 'A', 'a ', ' a', 'a  ', ' ', '1', '01', '1.0', '1e0', '9007199254740993', '9007199254740992'],
  ...['a_', 'a%', "a'", 'a"', 'a\\', 'a`', 'a;--', 'null', 'true', '{"a":1}', 'auth0|a', 'QX/+=', 'QX/+ ='],
  'x'.repeat(254),
  'x'.repeat(255),
  `${'x'.repeat(254)}X`,
  `${'x'.repeat(254)} `,
];

onEveryDatabase('the subject of a user at a provider', (engine) => {
  it('A22 identifies one user only, whatever its case, its blanks and its characters', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const accountId = await existingAccountId(system, ADA.username);
    const { queries } = reachInside(system, 'one account may connect twenty providers').core.database;
    const issuer = 'https://id.example.org';
    const known = { accountId, provider: 'acme', issuer, handle: null, verifiedEmailKey: null, now: 0 };
    const ids = SUBJECTS.map((_, number) => bytesToId(new Uint8Array(16).fill(number + 1)));
    for (const [number, subject] of SUBJECTS.entries()) {
      assert.equal(await findIdentity(queries, issuer, subject), null, subject);
      await insertIdentity(queries, { ...known, id: ids[number] ?? bytesToId(new Uint8Array(16)), subject });
    }
    for (const [number, subject] of SUBJECTS.entries())
      assert.equal((await findIdentity(queries, issuer, subject))?.id, ids[number], subject);
  });
});
