import { createSeals } from '../../platform/audit-log/seals.ts';
import { type Mark, type Verification, verifyChain } from '../../platform/audit-log/verify.ts';
import { createSecrets } from '../../platform/crypto/secrets.ts';
import { secretKeysFromEnvironment } from '../../settings.ts';
import { type Command, type GivenOptions, jsonOption, UsageError } from '../command.ts';
import { count } from '../progress.ts';
import { withPeople } from '../user/people.ts';

export const verify: Command = {
  name: 'audit verify',
  summary: 'Verify that no record of a security event was changed, added, moved or deleted.',
  options: {
    expect: {
      type: 'string',
      explanation: 'A record that must be there, as NUMBER:MAC, the head of an earlier verification.',
    },
    json: jsonOption,
  },
  run: ({ expect, json }) => {
    const expected = markFrom(expect);
    return withPeople('audit verify', async ({ database }) => {
      const secrets = createSecrets(secretKeysFromEnvironment(process.env, process.cwd()));
      const verification = await verifyChain(database, createSeals(secrets), expected);
      if (json === true) console.log(JSON.stringify(forScripts(verification)));
      else print(verification);
      if (verification.fault !== null) process.exitCode = 1;
    });
  },
};

function markFrom(text: GivenOptions[string]): Mark | null {
  if (text === undefined) return null;
  const [, sequence, mac] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(String(text)) ?? [];
  if (sequence === undefined || mac === undefined)
    throw new UsageError('--expect takes NUMBER:MAC, as latchkey audit verify prints it');
  return { sequence: Number(sequence), mac: mac.toLowerCase() };
}

function forScripts({ records, head, fault }: Verification) {
  return { intact: fault === null, records, head: written(head), fault };
}

function print({ records, head, fault }: Verification): void {
  if (fault !== null) {
    console.log(`Broken at record ${fault.sequence}: ${fault.explanation}.`);
    return;
  }
  console.log(`Intact: ${count(records)} ${records === 1 ? 'record' : 'records'}.`);
  console.log(`Head    ${written(head)}`);
}

function written({ sequence, mac }: Mark): string {
  return `${sequence}:${mac}`;
}
