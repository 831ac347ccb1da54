import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { startMariadb } from '../../scripts/provide/mariadb.ts';
import { migrations } from '../../src/latchkey.ts';
import { DatabaseStartError, migrationStatus, openDatabase } from '../../src/platform/sql/index.ts';
import { DATABASE_OPTIONS } from '../kit/databases.ts';

describe('several hosts of MariaDB', () => {
  it('lead to the one that answers and writes', async () => {
    const replica = await startMariadb();
    const primary = await startMariadb();
    try {
      const admin = openDatabase(new URL('mysql', replica.url).href, DATABASE_OPTIONS);
      await sql`set global read_only = 1`.execute(admin.queries);
      await admin.close();
      const [reading, writing] = [replica.url, primary.url].map((url) => new URL(url).host);
      const url = new URL(primary.url);
      const at = (hosts: string) => `mysql://${url.username}:${url.password}@${hosts}/mysql`;
      for (const hosts of [`127.0.0.1:1,${reading},${writing}`, `${writing},${reading}`]) {
        const database = openDatabase(at(hosts), DATABASE_OPTIONS);
        await database.ping();
        assert.equal((await sql`select @@port as port`.execute(database.queries)).rows.length, 1);
        await database.close();
      }
      const none = openDatabase(at(`${reading},127.0.0.1:1`), DATABASE_OPTIONS);
      await assert.rejects(migrationStatus(none, migrations), DatabaseStartError);
      await none.close();
    } finally {
      await replica.stop();
      await primary.stop();
    }
  });
});
