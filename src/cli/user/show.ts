import type { Account } from '../../auth/accounts/accounts.ts';
import { isoTime } from '../../auth/personal-data.ts';
import { everySessionOf } from '../../auth/sessions/store.ts';
import { type Command, jsonOption } from '../command.ts';
import { nameOperand, type People, withAccount } from './people.ts';
import { accountForScripts, jsonForTerminal, statusOf } from './wording.ts';

export const show: Command = {
  name: 'user show',
  summary: 'Show an account, whether it may be used, and where it is signed in.',
  options: { json: jsonOption },
  operands: [nameOperand],
  run: ({ json }, [name = '']) =>
    withAccount('user show', name, async (account, people) => {
      const sessions = await liveSessionsOf(account, people);
      if (json === true) console.log(jsonForTerminal({ ...accountForScripts(account), sessions }));
      else print(account, sessions);
    }),
};

/** The sessions that their lifetime has not ended; an idle limit may end one before. */
async function liveSessionsOf({ id }: Account, { database, now }: People) {
  const rows = await everySessionOf(database.queries, id);
  const live = rows.filter((row) => row.stolen_at === null && now < row.expires_at);
  return live.map((row) => ({
    createdAt: isoTime(row.created_at),
    lastSeenAt: isoTime(Math.max(row.last_seen_at, row.token_issued_at)),
    expiresAt: isoTime(row.expires_at),
    address: row.address,
    userAgent: row.user_agent,
  }));
}

function print(account: Account, sessions: Awaited<ReturnType<typeof liveSessionsOf>>): void {
  const { id, username, email, emailVerifiedAt, createdAt } = account;
  const confirmed = emailVerifiedAt === null ? 'not confirmed' : `confirmed ${isoTime(emailVerifiedAt)}`;
  console.log(`Username    ${username}`);
  console.log(`Id          ${id}`);
  console.log(`Email       ${email === null ? 'none' : `${email} (${confirmed})`}`);
  console.log(`Registered  ${isoTime(createdAt)}`);
  console.log(`Status      ${statusOf(account)}`);
  console.log(`Sessions    ${sessions.length}`);
  // Whatever a browser called itself is quoted, so that it cannot talk to the terminal.
  for (const { lastSeenAt, address, userAgent } of sessions)
    console.log(`            last seen ${lastSeenAt} from ${address}, ${jsonForTerminal(userAgent)}`);
}
