import { writeFileSync } from 'node:fs';
import { DAY, HOUR } from '../../src/platform/runtime/clock.ts';
import { type Attack, play, type Result } from './campaign.ts';
import { latchkey, simplerDefences } from './defences.ts';

const ATTACKS: readonly Attack[] = [
  { name: 'over a day, no work done', length: DAY, doesWork: false, isConcentrated: false },
  {
    name: 'over a day, all work done that is asked for',
    length: DAY,
    doesWork: true,
    isConcentrated: false,
  },
  { name: 'within an hour, no work done', length: HOUR, doesWork: false, isConcentrated: false },
  {
    name: 'over a day, all of it at 500 accounts, all work done that is asked for',
    length: DAY,
    doesWork: true,
    isConcentrated: true,
  },
];

const REPORT = new URL('../../docs/abuse-report.md', import.meta.url);

/** A proof of work takes about so long on one core. */
const SECONDS_OF_A_PROOF = 1;

const lines: string[] = [];
for (const attack of ATTACKS) {
  lines.push(
    `## ${attack.name[0]?.toUpperCase()}${attack.name.slice(1)}`,
    '',
    '| defence | accounts lost | hashes spent | work of the attackers | honest sign-ins refused | honest sign-ins with a calculation |',
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
  const refused = `${result.honestRefused} of ${result.honestSignIns} (${percent(result.honestRefused / result.honestSignIns)})`;
  const work = `${Math.round((result.proofsOfAttackers * SECONDS_OF_A_PROOF) / 3_600)} core hours`;
  return `| ${[name, result.accountsLost, result.hashes, work, refused, result.honestWithProof].join(' | ')} |`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function introduction(): string {
  return `# A campaign against the limits

Made by \`npm run bench:abuse\`, with a simulated clock and numbers that are the same at every run. Nobody hashes and nothing goes over a network; the policies (\`auth/throttle/policies.ts\`) and the code that decides are the server’s.

1,000,000 guesses come from 10,000 addresses at 50,000 accounts: the twenty most frequent passwords, one after another, each at every account. The accounts’ passwords follow the counts that Imperva published of RockYou’s 32,603,388 (2010). Such passwords are refused to whoever registers; think of accounts that were brought along from elsewhere. On the same day 2,000 of the owners sign in three times each: 5 % of what they type is mistyped, 15 % of the sign-ins are on a browser that the account does not know, 2 % have no scripts, four people share an address. A sign-in counts as refused when a person who knows the password is told to wait, though they mistyped before.
`;
}

function conclusion(): string {
  return `## What it shows

- **The goal** is that fewer than 0.1 % of honest sign-ins are refused. It is met where attackers do no work. It is missed where they do all of it, with 0.35 %, and far missed, with 4 %, where all of that goes at 500 accounts.
- **At 500 accounts** nobody is refused whom a browser knows. Refused are those owners who sign in with another browser meanwhile; the usual lock after five failures keeps out five times as many, on every browser. What is left to them is a mail: whoever chooses a new password by it (or signs in by it, where \`MAGIC_LINK\` is on) is in at once, and that browser is known from then on.
- Guesses that are spread so thinly stay below every limit that looks at one account or one address alone: each account is guessed at every 72 minutes, each address guesses four times an hour. The simpler defences lose what no defence loses.
- What gives such a campaign away is what it tries. Wrong passwords of the list of common ones, from browsers that the account does not know, are counted for the whole site; past a hundred an hour each takes a calculation, and past five hundred more it has to wait. So do honest people who have such a password and sit at a browser that is new to their account; they are the honest sign-ins refused when the attackers do all the work. A mail with which they choose a new password stays open to them.
- Other wrong guesses are counted for the whole site, too: past a thousand in ten minutes every address is paced, unless it does the calculation.
- The price is paid by those whose password every attacker tries first, and by nobody else: whoever signs in where they have signed in before is in none of these counts.
- Attackers with passwords that are on no list, such as pairs stolen elsewhere, meet the pace and the calculation alone. Against those helps that stolen passwords are refused and replaced ([passwords.md](passwords.md)).
`;
}
