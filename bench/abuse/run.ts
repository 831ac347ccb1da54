import { writeFileSync } from 'node:fs';
import { DAY, HOUR } from '../../src/platform/runtime/clock.ts';
import { type Attack, play, type Result } from './campaign.ts';
import { latchkey, simplerDefences } from './defences.ts';

const ATTACKS: readonly Attack[] = [
  { name: 'over a day, no work done', length: DAY, doesWork: false, isConcentrated: false, passkeys: 0 },
  {
    name: 'over a day, all requested work done',
    length: DAY,
    doesWork: true,
    isConcentrated: false,
    passkeys: 0,
  },
  { name: 'within an hour, no work done', length: HOUR, doesWork: false, isConcentrated: false, passkeys: 0 },
  {
    name: 'over a day, against 500 accounts, all requested work done',
    length: DAY,
    doesWork: true,
    isConcentrated: true,
    passkeys: 0,
  },
  {
    name: 'the same, and three of ten users have a passkey',
    length: DAY,
    doesWork: true,
    isConcentrated: true,
    passkeys: 0.3,
  },
];

const REPORT = new URL('../../docs/abuse-report.md', import.meta.url);

/** The time of one proof of work on one core. */
const SECONDS_OF_A_PROOF = 1;

const lines: string[] = [];
for (const attack of ATTACKS) {
  lines.push(
    `## ${attack.name[0]?.toUpperCase()}${attack.name.slice(1)}`,
    '',
    '| defence | accounts lost | hashes computed | attackers’ work | legitimate sign-ins refused | legitimate sign-ins with a calculation |',
    '| --- | --- | --- | --- | --- | --- |',
  );
  for (const defence of [latchkey, ...simplerDefences].map((make) => make())) {
    const result = await play(defence, attack);
    lines.push(rowOf(defence.name, result));
    console.log(attack.name, defence.name, JSON.stringify(result));
  }
  lines.push('');
}
writeFileSync(REPORT, `${introduction()}\n${lines.join('\n')}\n${conclusion()}`);

function rowOf(name: string, result: Result): string {
  const refused = `${result.legitimateRefused} of ${result.legitimateSignIns} (${percent(result.legitimateRefused / result.legitimateSignIns)})`;
  const work = `${Math.round((result.proofsOfAttackers * SECONDS_OF_A_PROOF) / 3_600)} core hours`;
  return `| ${[name, result.accountsLost, result.hashes, work, refused, result.legitimateWithProof].join(' | ')} |`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function introduction(): string {
  return `# A simulated attack campaign

Written by \`npm run bench:abuse\`, with a simulated clock and the same numbers at every run. It computes no hashes and sends nothing over a network; the limits (\`features/passwords/limits.ts\`) and the code that decides are the server’s.

1,000,000 guesses come from 10,000 addresses against 50,000 accounts: the twenty most frequent passwords, one after another, each against every account. The accounts’ passwords follow the counts that Imperva published of RockYou’s 32,603,388 (2010). Registration refuses such passwords; think of accounts that were imported. On the same day 2,000 of the users sign in three times each: 5 % of their entries are mistyped, 15 % of the sign-ins are in an unknown browser, 2 % are without scripts, four users share an address. Users with a passkey sign in with it alone. A sign-in counts as refused if a user who knows the password has to wait, even after mistyping it before.
`;
}

function conclusion(): string {
  return `## Results

- **The goal** is that fewer than 0.1 % of legitimate sign-ins are refused. It is met if attackers do no work. It is missed if they do all of it (0.35 %), and by far (4 %) if all of that is aimed at 500 accounts.
- **At 500 accounts** no user of a known device is refused. The refused users sign in with another browser meanwhile; the usual lock after five failures refuses five times as many, in every browser. They still have mail: a user who chooses a new password by it (or signs in by it, with \`MAGIC_LINK\`) is admitted at once, and that browser is known from then on.
- **Passkeys** are in none of these counts: no sign-in with one is refused or asked for a calculation, and a guessed password opens no account that has one. With three users of ten the refused sign-ins shrink by their share.
- Guesses that are spread so thinly stay below every limit for a single account or address: each account is guessed at every 72 minutes, each address guesses four times an hour. The simpler defences lose as many accounts as no defence.
- Such a campaign is detected by the passwords that it tries. Wrong passwords from the list of common ones, in unknown browsers, are counted for the whole site; beyond a hundred an hour each takes a calculation, and beyond five hundred more it has to wait. The same applies to legitimate users with such a password in an unknown browser; they are the legitimate sign-ins that are refused if the attackers do all the work. They can still choose a new password by mail.
- Other wrong guesses are counted for the whole site as well: beyond a thousand in ten minutes every address is paced, unless it does the calculation.
- Only users with a password that every attacker tries first pay the price; a sign-in with a known device is in none of these counts.
- Attackers with passwords that are in no list, such as credentials stolen elsewhere, meet only the pace and the calculation. Against them, breached passwords are refused and replaced ([passwords.md](passwords.md)).
`;
}
