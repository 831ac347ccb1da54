import { paths } from '../../../auth/paths.ts';
import type { Check } from '../check.ts';
import { findingsOf, quoted } from '../finding.ts';
import { valuesOf } from './ask.ts';
import type { Site } from './site.ts';

const { ok, warning } = findingsOf('software names');

/** Whether the answers tell strangers which version of what runs here. */
export const softwareNames: Check<Site> = {
  name: 'software names',
  run: async (site) => {
    const answer = await site.ask({ path: paths.login });
    const told = ['server', 'x-powered-by', 'x-generator'].flatMap((name) =>
      valuesOf(answer, name)
        .filter((value) => name === 'x-powered-by' || /\d/.test(value))
        .map((value) => `${name}: ${quoted(value)}`),
    );
    if (told.length === 0) return [ok('no version is told')];
    return [warning(told.join(', '), 'let the proxy leave it out (nginx: server_tokens off)')];
  },
};
