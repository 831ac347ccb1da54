import { paths } from '../../../auth/paths.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';
import type { Site } from './site.ts';

const { ok, fault } = findingsOf('foreign host');

// RFC 2606: this name belongs to nobody.
const NAME = 'foreign-host.latchkey-doctor.invalid';

// Not 404 from Latchkey itself: it has this page. A proxy that knows no such site may say so.
const REFUSALS = [400, 403, 404, 421];

/** Whether a request for another host is refused (RFC 9110 §15.5.20; A28). */
export const foreignHost: Check<Site> = {
  name: 'foreign host',
  run: async (site) => [judge(await statusOf(site))],
};

async function statusOf(site: Site): Promise<number | null> {
  try {
    return (await site.ask({ path: paths.login, headers: { host: NAME } })).status;
  } catch {
    return null;
  }
}

function judge(status: number | null): Finding {
  if (status === null) return ok('gets no answer');
  if (REFUSALS.includes(status)) return ok(`is refused with ${status}`);
  return fault(
    `is answered with ${status}, as if it were this one`,
    'let the proxy pass on the Host header as it is, and answer other hosts with 421',
  );
}
