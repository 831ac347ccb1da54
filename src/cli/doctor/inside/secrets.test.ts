import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newSecret } from '../../../platform/settings/strong-secret.ts';
import { givenSettings } from '../../../settings.ts';
import { secrets } from './secrets.ts';

const GOOD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const ALSO_GOOD = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';
const WORDS = 'copper kettles sing when winter comes home';

const look = (environment: Record<string, string>) => secrets.run(givenSettings(environment, '/nowhere'));

describe('the doctor’s check of secrets', () => {
  it('passes random secrets, also with an older one beside the newest', async () => {
    const findings = await look({ SECRET_KEY: `${GOOD},${ALSO_GOOD}`, PASSWORD_PEPPER: newSecret() });
    assert.deepEqual(
      findings.map(({ verdict, what }) => `${verdict} ${what}`),
      ['ok SECRET_KEY looks random, with 1 older', 'ok PASSWORD_PEPPER looks random'],
    );
  });

  it('warns about a secret that consists of words', async () => {
    const [finding] = await look({ SECRET_KEY: WORDS });
    assert.equal(finding?.verdict, 'warning');
    assert.match(String(finding?.what), /^SECRET_KEY looks like words or a pattern: about \d+ bits$/);
  });

  it('warns about one secret used for two settings', async () => {
    const findings = await look({ SECRET_KEY: `${GOOD},${ALSO_GOOD}`, PASSWORD_PEPPER: ALSO_GOOD });
    assert.match(String(findings.at(-1)?.what), /^PASSWORD_PEPPER is the same as SECRET_KEY/);
    assert.equal(findings.at(-1)?.verdict, 'warning');
  });

  it('A57: shows no secret', async () => {
    const findings = await look({ SECRET_KEY: `${WORDS},${GOOD}`, PASSWORD_PEPPER: WORDS });
    for (const secret of [WORDS, GOOD]) assert.ok(!JSON.stringify(findings).includes(secret));
  });
});
