import { availableParallelism } from 'node:os';
import { type Figure, isMet } from './figures/figure.ts';

const METHOD = `## How it was measured
- Each system runs in a process of its own; the bench is the client, over connections that are kept alive, with a client lean enough to leave the server the bottleneck (the table shows how busy each server was).
- What is compared takes turns in short rounds, in an order that turns around from round to round, after a round that only warms up. A ratio is taken within each round, so that the machine's drift cancels out; the table shows the median of the rounds' ratios and, in brackets, the least and the most.
- Every account has a password and a session. Look-ups use random tokens of the whole set, so that they are spread over the database; “last seen” is up to date, as for sessions in use.
- (a) posts the login form with its CSRF token and cookie as random accounts, 16 at once, against a process that does nothing but verify with the same library and parameters, one verification a core at once and at the same priority as the server's hashing threads.
- (b) compares with two bare \`node:http\` servers: one reads the same row by the same SHA-256 with one prepared statement and answers the same JSON, without a router or the security headers; one says hello. 48 requests at once.
- (c) sends look-ups at random moments, 500 a second, first alone and then beside right sign-ins at four times the rate that (a) found, whatever the answers take. The memory is the whole process's, sampled ten times a second, above what it was when the server had started.
- (d) asks one server for each size, as in (b), and divides the rate on the smallest by the one on the largest.
- (e) and (f) run the session check without HTTP in one process, through the project's own code and by the bare driver in turn, each with a pool of ten connections, against private instances of the servers on the same machine.
- (g) asks two nodes on one PostgreSQL, then one of them, with the same number of connections in all; clients, nodes and database share the cores.
- (h) posts sign-ins as in (a) to a node on each engine.
- (i) opens connections of plain HTTP/1.1, asks once on each, leaves them and looks a second later how much more memory the whole process has than before, the sockets' in the kernel not counted. Each round has servers of its own.
- (j) posts wrong passwords, one at a time, each over a new connection from a loopback address of its own and each for another name: in turn one that there is and one of the same length that there is not. The two medians' difference is divided by the difference between the medians of random halves of the same 2,000 times, as it is in 95 % of a thousand halvings: up to 1, the two cannot be distinguished from chance.
- (k) asks two servers as in (b), one of which counts and measures everything for Prometheus.
- (l) posts wrong passwords for 60 seconds at four times the rate that (a) found, each over a new connection from a loopback address of its own, for the names of 100,000 users and for as many that do not exist. Meanwhile a user whose browser keeps only the device cookie of an earlier sign-in signs in again a tenth of a second after each sign-in; the time includes opening the connection. The memory is the whole process's, sampled ten times a second, above what it was when the server had started; were it not bounded, the second half's peak would lie well above the first one's.`;

/** The table for the terminal and for the file, in Markdown. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { name, measured, unit, absolute } = figure;
    const { median, least, most } = measured;
    const value = `${number(median, unit)}${unit} (${number(least, unit)}–${number(most, unit)})`;
    return `| ${name} | ${value} | ${goalOf(figure)} | ${figure.goal === null ? '' : isMet(figure) ? 'met' : 'missed'} | ${absolute} |`;
  });
  return ['| figure | measured | goal | | absolute |', '|---|---|---|---|---|', ...rows].join('\n');
}

/**
 * Facts about a run: its duration, and the share of the machine, from 0 to 1, that other processes used in (a) to (d).
 */
export type Run = { readonly seconds: number; readonly otherProcessesShare: number };

/** The conditions of a run in one line. It describes the machine only by its cores and its Node.js. */
export function conditionsOf({ seconds, otherProcessesShare }: Run): string {
  const machine = `${availableParallelism()} cores, Node.js ${process.versions.node}, SQLite ${process.versions['sqlite']}`;
  const others = `during (a) to (d) other processes took ${Math.round(otherProcessesShare * 100)} % of the machine`;
  return `${machine}; ${Math.round(seconds)} seconds; ${others}.`;
}

/** The complete text of RESULTS.md. */
export function reportOf(figures: readonly Figure[], run: Run): string {
  const lines = [
    '# Results of the bench',
    `Written by \`npm run bench\`: ${conditionsOf(run)} The ratios are what counts, as both sides of each were measured in the same run; the busier the neighbours, the less they are worth.`,
    '',
    tableOf(figures),
    '',
    METHOD,
  ];
  return `${lines.join('\n')}\n`;
}

function number(value: number, unit: Figure['unit']): string {
  return value.toFixed(unit === '' ? 2 : 0);
}

function goalOf({ goal, unit }: Figure): string {
  if (goal === null) return '';
  return 'atLeast' in goal ? `≥ ${goal.atLeast}${unit}` : `≤ ${goal.limitTo}${unit}`;
}
