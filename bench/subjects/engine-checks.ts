// The session check without HTTP: through the code of the project, or the same statement sent by the bare driver.
import { DatabaseSync } from 'node:sqlite';
import { createPool } from 'mysql2/promise';
import { Pool } from 'pg';
import { z } from 'zod';
import { createSessions } from '../../src/auth/sessions/sessions.ts';
import { createSecrets } from '../../src/platform/crypto/secrets.ts';
import { DAY } from '../../src/platform/runtime/clock.ts';
import { openDatabase } from '../../src/platform/sql/index.ts';
import { english } from '../../src/platform/words/language.ts';
import type { AllTables } from '../../tests/kit/tables.ts';
import { tokenOf } from '../engines/users.ts';
import { SECRET_KEY } from '../seed.ts';

const order = z.object({
  contender: z.enum(['ours', 'bare']),
  url: z.string(),
  users: z.number(),
  atOnce: z.number(),
  milliseconds: z.number(),
});
type Order = z.infer<typeof order>;
type Check = (token: string) => unknown;

const CONNECTIONS = 10;
const OPTIONS = {
  connections: CONNECTIONS,
  connectTimeout: 5_000,
  statementTimeout: 10_000,
  schema: 'latchkey',
  tablePrefix: 'latchkey_',
};
const COLUMNS = `s.token_hash, s.token_issued_at, s.method, s.is_remembered, s.proven_at, s.proven_by, s.created_at, s.last_seen_at,
  s.expires_at, s.stolen_at, s.account_id, a.username, a.email, a.email_verified_at, a.disabled_at, a.delete_at,
  a.created_at as account_created_at`;
const statementOn = (namespace: string) =>
  `select ${COLUMNS} from ${namespace}sessions s join ${namespace}accounts a on a.id = s.account_id where s.id = `;

// Only the statements are compared, without the hash that Latchkey computes as well.
const idIn = (token: string) => Buffer.from(token.slice(0, 22), 'base64url');

const checks = new Map<string, Check>();

process.channel?.ref();
process.on('message', (message) => {
  const parsed = order.safeParse(message);
  if (parsed.success) void run(parsed.data);
});

async function run({ contender, url, users, atOnce, milliseconds }: Order): Promise<void> {
  const key = `${contender} ${url}`;
  const check = checks.get(key) ?? (contender === 'ours' ? oursOn(url) : bareOn(url));
  checks.set(key, check);
  const start = performance.now();
  let count = 0;
  const repeat = async (first: number) => {
    // The step is coprime to a round number, so it visits every user, in an order of distant ids.
    for (let user = first; performance.now() - start < milliseconds; user = (user + 7_919) % users) {
      if (!(await check(tokenOf(user)))) throw new Error('there should have been a session');
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, index) => repeat((index * 31) % users)));
  process.send?.({ count, milliseconds: performance.now() - start });
}

function oursOn(url: string): Check {
  const span = { idle: DAY, lifetime: 7 * DAY };
  const limits = { ...span, remembered: span, rotate: DAY, perAccount: 50 };
  const sessions = createSessions(
    openDatabase<AllTables>(url, OPTIONS),
    createSecrets([SECRET_KEY]),
    limits,
    async () => {},
  );
  return (token) =>
    sessions.check(token, {
      now: Date.now(),
      address: () => null,
      client: () => ({ userAgent: '', address: '', language: english }),
      canRotate: true,
    });
}

function bareOn(url: string): Check {
  if (url.startsWith('postgres')) {
    const pool = new Pool({ connectionString: url, max: CONNECTIONS });
    const text = `${statementOn('latchkey.')}$1`;
    return async (token) => (await pool.query({ name: 'check', text, values: [idIn(token)] })).rows[0];
  }
  if (url.startsWith('mysql')) {
    const pool = createPool({ uri: url, connectionLimit: CONNECTIONS });
    return async (token) => {
      const [rows] = await pool.execute(`${statementOn('latchkey_')}?`, [idIn(token)]);
      return Array.isArray(rows) ? rows[0] : undefined;
    };
  }
  const statement = new DatabaseSync(url.slice('sqlite:'.length), { readOnly: true }).prepare(
    `${statementOn('')}?`,
  );
  return (token) => statement.get(idIn(token));
}
