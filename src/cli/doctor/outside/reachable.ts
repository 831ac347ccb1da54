import { paths } from '../../../auth/paths.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';
import type { Site } from './site.ts';

const { ok, fault } = findingsOf('reachable');

/** Whether Latchkey answers there at all; where it does not, there is nothing else to look at. */
export const reachable: Check<Site> = {
  name: 'reachable',
  run: async (site) => [await look(site)],
};

async function look(site: Site): Promise<Finding> {
  try {
    const { status, body } = await site.ask({ path: paths.login });
    if (status === 200 && body.includes('name="csrf"')) return ok(`${site.origin}${paths.login} answers`);
    return fault(
      `${site.origin}${paths.login} answers with ${status} and no form to sign in`,
      'see that the proxy passes every path on to Latchkey, and that BASE_URL is this address',
    );
  } catch {
    return fault(
      `nothing answers at ${site.origin} within 5 seconds`,
      'see that the server runs, that the name leads to it, and that no firewall is between',
    );
  }
}
