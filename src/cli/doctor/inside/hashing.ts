import {
  createMeasure,
  formatParameters,
  type HashParameters,
  isWeaker,
  passwordSettings,
} from '../../../features/passwords/index.ts';
import type { GivenValues } from '../../../settings.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { judgeTime } from './hash-time.ts';

const { ok, warning } = findingsOf('hashing');

// Enough to tell a tenth of a second from a whole one; latchkey tune looks closer.
const ROUNDS = 3;

/** Whether a hash costs enough for whoever guesses, and not too much for whoever signs in. */
export const hashing: Check<GivenValues> = {
  name: 'hashing',
  run: async ({ passwordHash }) => {
    const { measure, close } = createMeasure(ROUNDS);
    const milliseconds = await measure(passwordHash).finally(close);
    return [ofCost(passwordHash), judgeTime(milliseconds)];
  },
};

function ofCost(parameters: HashParameters): Finding {
  const { fallback, schema } = passwordSettings.passwordHash;
  const what = `PASSWORD_HASH is ${formatParameters(parameters)}`;
  return isWeaker(parameters, schema.parse(fallback))
    ? warning(`${what}, which is less than the default`, `set ${fallback}, or what latchkey tune finds`)
    : ok(what);
}
