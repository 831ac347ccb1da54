import { isoTime } from '../../auth/personal-data.ts';
import { type OutboxRow, outboxAfter } from '../../platform/mail/store.ts';
import { type Command, jsonOption } from '../command.ts';
import { withPeople } from '../user/people.ts';
import { jsonForTerminal } from '../user/wording.ts';

/** So many are read at once, however many there are. */
const PAGE = 500;

export const listMail: Command = {
  name: 'mail list',
  summary: 'List the mail that waits to be sent or was given up, the oldest first.',
  options: { json: jsonOption },
  run: ({ json }) =>
    withPeople('mail list', async ({ database, now }) => {
      const rows: OutboxRow[] = [];
      let page: readonly OutboxRow[];
      do {
        page = await outboxAfter(database.queries, rows.at(-1)?.id ?? null, PAGE);
        rows.push(...page);
      } while (page.length === PAGE);
      if (json === true) console.log(JSON.stringify(rows.map(forScripts)));
      else if (rows.length === 0) console.log('No mail waits, and none was given up.');
      else for (const row of rows) console.log(lineOf(row, now));
    }),
};

function forScripts({ id, accountId, recipient, message, attempts, answer, ...times }: OutboxRow) {
  return {
    id,
    accountId,
    recipient,
    message,
    attempts,
    answer,
    createdAt: isoTime(times.createdAt),
    nextAttemptAt: isoTime(times.dueAt),
    failedAt: isoTime(times.failedAt),
  };
}

function lineOf(
  { id, recipient, message, attempts, dueAt, answer, failedAt }: OutboxRow,
  now: number,
): string {
  const state =
    failedAt === null
      ? `waits${dueAt !== null && dueAt > now ? ` until ${isoTime(dueAt)}` : ''}`
      : `given up ${isoTime(failedAt)}`;
  // What a server said is quoted, so that it cannot talk to the terminal.
  const said = answer === null ? [] : [jsonForTerminal(answer)];
  return [id, message, recipient, state, `attempts: ${attempts}`, ...said].join('  ');
}
