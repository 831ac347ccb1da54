import { paths } from '../../../auth/paths.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';
import type { Site } from './site.ts';

const { ok, warning, fault } = findingsOf('health');

/** What a load balancer would hear. */
export const health: Check<Site> = {
  name: 'health',
  run: async (site) => {
    const status = async (path: string) => (await site.ask({ path })).status;
    return [ofProcess(await status(paths.alive)), ofDatabase(await status(paths.ready))];
  },
};

function ofProcess(status: number): Finding {
  if (status === 200) return ok(`${paths.alive} says that the process lives`);
  return warning(
    `${paths.alive} answers with ${status}`,
    'if the proxy keeps it for itself, let its own checks reach it',
  );
}

function ofDatabase(status: number): Finding {
  if (status === 200) return ok(`${paths.ready} says that the database answers`);
  if (status === 503)
    return fault(
      `${paths.ready} says that the database cannot be used`,
      'see the server’s log, and its database',
    );
  return warning(
    `${paths.ready} answers with ${status}`,
    'if the proxy keeps it for itself, let its own checks reach it',
  );
}
