import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newSecret } from '../../../core/settings/strong-secret.ts';
import { givenSettings } from '../../../settings.ts';
import { secrets } from './secrets.ts';

const GOOD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const ALSO_GOOD = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';
const WORDS = 'copper kettles sing when winter comes home';

const look = (environment: Record<string, string>) => secrets.run(givenSettings(environment, '/nowhere'));

describe('a secret', () => {
  it('that is random passes, also with an older one beside it', async () => {
    const findings = await look({ SECRET_KEY: `${GOOD},${ALSO_GOOD}`, PASSWORD_PEPPER: newSecret() });
    assert.deepEqual(
      findings.map(({ verdict, what }) => `${verdict} ${what}`),
      ['ok SECRET_KEY looks random, with 1 older', 'ok PASSWORD_PEPPER looks random'],
    );
  });

  it('that is made of words is a warning', async () => {
    const [finding] = await look({ SECRET_KEY: WORDS });
    assert.equal(finding?.verdict, 'warning');
    assert.match(String(finding?.what), /^SECRET_KEY looks like words or a pattern: about \d+ bits$/);
  });

  it('that stands for two things is a warning', async () => {
    const findings = await look({ SECRET_KEY: `${GOOD},${ALSO_GOOD}`, PASSWORD_PEPPER: ALSO_GOOD });
    assert.match(String(findings.at(-1)?.what), /^PASSWORD_PEPPER is the same as SECRET_KEY/);
    assert.equal(findings.at(-1)?.verdict, 'warning');
  });

  it('A57: is never shown', async () => {
    const findings = await look({ SECRET_KEY: `${WORDS},${GOOD}`, PASSWORD_PEPPER: WORDS });
    for (const secret of [WORDS, GOOD]) assert.ok(!JSON.stringify(findings).includes(secret));
  });
});
