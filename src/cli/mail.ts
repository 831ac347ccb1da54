import { emailWords } from '../auth/words.ts';
import {
  type Command,
  CommandError,
  type Family,
  jsonForTerminal,
  printResult,
  UsageError,
} from '../platform/command-line/index.ts';
import {
  dkimOf,
  emails,
  mailRenderer,
  type OutboxRow,
  occasionWithoutDevice,
  openSmtp,
  outboxAfter,
  outgoingMail,
  retryMail,
  senderOf,
} from '../platform/mail/index.ts';
import { isoTime, systemClock } from '../platform/runtime/index.ts';
import { isId, newId, parseEmailAddress } from '../platform/text/index.ts';
import { givenSettings } from '../read-settings.ts';
import { environment } from './configuration.ts';
import { withContext } from './context.ts';

/** How many mails are read at once. */
const PAGE = 500;

const list: Command = {
  name: 'mail list',
  summary: 'List the mail that waits to be sent or was given up, the oldest first.',
  run: () =>
    withContext('mail list', async ({ database, now }) => {
      const rows: OutboxRow[] = [];
      let page: readonly OutboxRow[];
      do {
        page = await outboxAfter(database.queries, rows.at(-1)?.id ?? null, PAGE);
        rows.push(...page);
      } while (page.length === PAGE);
      const text = rows.map((row) => describeMail(row, now));
      const none = 'No mail waits, and none was given up.';
      return { json: rows.map(mailAsJson), text: rows.length === 0 ? none : text };
    }),
};

function mailAsJson({ id, ownerId, recipient, message, attempts, answer, ...times }: OutboxRow) {
  return {
    id,
    accountId: ownerId,
    recipient,
    message,
    attempts,
    answer,
    createdAt: isoTime(times.createdAt),
    nextAttemptAt: isoTime(times.dueAt),
    failedAt: isoTime(times.failedAt),
  };
}

function describeMail(row: OutboxRow, now: number): string {
  const { id, recipient, message, attempts, dueAt, answer, failedAt } = row;
  const state =
    failedAt === null
      ? `waits${dueAt !== null && dueAt > now ? ` until ${isoTime(dueAt)}` : ''}`
      : `given up ${isoTime(failedAt)}`;
  // The mail server’s response is quoted, so that it cannot control the terminal.
  const response = answer === null ? [] : [jsonForTerminal(answer)];
  return [id, message, recipient, state, `attempts: ${attempts}`, ...response].join('  ');
}

const retry: Command = {
  name: 'mail retry',
  summary: 'Have mail sent by the running server at its next check, as if it were new.',
  options: { all: { type: 'boolean', explanation: 'All mail that was given up.' } },
  operands: [{ name: 'ID', explanation: 'One mail, as mail list names it.', isOptional: true }],
  run: async ({ all }, [id]) => {
    if ((all === true) === (id !== undefined)) throw new UsageError('Give either the ID of a mail or --all');
    if (id !== undefined && !isId(id))
      throw new UsageError(`“${id}” is no ID; latchkey mail list names them`);
    return withContext('mail retry', async ({ database, now }) => {
      const mails = await retryMail(database.queries, id ?? null, now);
      if (id !== undefined && mails === 0)
        throw new CommandError('That mail was deleted, or is being sent at this moment');
      return { json: { mails }, text: `${mails} ${mails === 1 ? 'mail' : 'mails'} will be tried now.` };
    });
  },
};

const FAILURES = {
  refused: 'The server refuses this mail',
  deferred: 'The server takes this mail later, perhaps',
  unreachable: 'The server cannot be used',
};

const test: Command = {
  name: 'mail test',
  summary: 'Send a test to an address right now, and show the response of the mail server.',
  operands: [{ name: 'ADDRESS', explanation: 'Where it goes.' }],
  run: async (given, [typed = '']) => {
    const reading = parseEmailAddress(typed);
    if (!reading.ok) throw new UsageError(`“${typed}” is no email address; give one such as you@example.org`);
    const outcome = await sendTest(reading.address);
    if (outcome.kind === 'sent')
      return { json: outcome, text: `The server has taken a mail to ${reading.address}.` };
    printResult(given, { json: outcome, text: [] });
    throw new CommandError(`${FAILURES[outcome.kind]}: ${jsonForTerminal(outcome.answer)}`);
  },
};

async function sendTest(recipient: string) {
  const settings = givenSettings(environment(), process.cwd());
  if (settings.smtpUrl === undefined)
    throw new CommandError('SMTP_URL: is not set, so there is no mail server');
  const now = systemClock();
  const render = mailRenderer(settings, emailWords);
  const content = await render(emails.test.with({}), occasionWithoutDevice(now));
  const from = senderOf(settings);
  const smtp = openSmtp(settings.smtpUrl, dkimOf(settings));
  try {
    return await smtp.send(outgoingMail({ id: newId(now), recipient, from, createdAt: now, content }));
  } finally {
    smtp.close();
  }
}

export const mail: Family = {
  name: 'mail',
  summary: 'List mail that waits or was given up, have it sent again, or send a test.',
  members: [list, retry, test],
};
