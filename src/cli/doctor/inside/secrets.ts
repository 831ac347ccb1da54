import { readFileSync } from 'node:fs';
import { DEVELOPMENT_SECRET_FILE } from '../../../platform/settings/secret-key.ts';
import { SECRET_ADVICE, splitSecrets, weakness } from '../../../platform/settings/strong-secret.ts';
import type { GivenValues } from '../../../settings.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { estimatedBits } from './estimated-bits.ts';

const { ok, warning, fault } = findingsOf('secrets');

/** Whether the secrets could be guessed, and whether one is used for two things. What is short is refused at start. */
export const secrets: Check<GivenValues> = {
  name: 'secrets',
  run: ({ secretKeys, passwordPepper }) => {
    const keys = secretKeys ?? keptSecrets();
    const peppers = passwordPepper ?? [];
    return [
      ...(keys.length === 0 ? [ok('SECRET_KEY is made at the first start')] : judge('SECRET_KEY', keys)),
      ...(peppers.length === 0 ? [] : judge('PASSWORD_PEPPER', peppers)),
      ...ofSharing(keys, peppers),
    ];
  },
};

/** What a development server has made for itself; none where there is none yet. */
function keptSecrets(): readonly string[] {
  try {
    return splitSecrets(readFileSync(DEVELOPMENT_SECRET_FILE, 'utf8'));
  } catch {
    return [];
  }
}

/** NIST SP 800-57 Part 1, 5.6: what is to resist guessing for good. */
const ENOUGH_BITS = 112;

function judge(name: string, [newest = '', ...older]: readonly string[]): readonly Finding[] {
  const problem = weakness(newest);
  if (problem !== null) return [fault(`${name} ${problem}`, SECRET_ADVICE)];
  const bits = Math.floor(estimatedBits(newest));
  const age = older.length === 0 ? '' : `, with ${older.length} older`;
  if (bits < ENOUGH_BITS)
    return [
      warning(
        `${name} looks like words or a pattern: about ${bits} bits`,
        `${SECRET_ADVICE}, and rotate it as docs/secrets.md says`,
      ),
    ];
  return [ok(`${name} looks random${age}`)];
}

function ofSharing(keys: readonly string[], peppers: readonly string[]): readonly Finding[] {
  if (!peppers.some((pepper) => keys.includes(pepper))) return [];
  return [
    warning(
      'PASSWORD_PEPPER is the same as SECRET_KEY, so that whoever learns one has both',
      `${SECRET_ADVICE}, and rotate it in`,
    ),
  ];
}
