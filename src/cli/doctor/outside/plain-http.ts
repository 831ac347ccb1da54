import { paths } from '../../../auth/paths.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf, quoted } from '../finding.ts';
import { type Answer, ask, valuesOf } from './ask.ts';
import type { Site } from './site.ts';

const { ok, fault } = findingsOf('plain http');

/** Whether whoever comes by http is sent to https, and gets nothing else. */
export const plainHttp: Check<Site> = {
  name: 'plain http',
  run: async (site) => {
    if (!site.isSecure || site.plainPort === null) return [];
    const target = { isSecure: false, hostname: site.hostname, port: site.plainPort };
    try {
      return [judge(site, await ask(target, { path: paths.login }))];
    } catch {
      return [ok(`nothing answers on port ${site.plainPort}`)];
    }
  },
};

function judge({ origin }: Site, answer: Answer): Finding {
  const [location = ''] = valuesOf(answer, 'location');
  const isRedirect = [301, 302, 303, 307, 308].includes(answer.status);
  if (isRedirect && URL.parse(location)?.origin === origin) return ok('redirects to https');
  const what = isRedirect ? `redirects to ${quoted(location)}` : `answers with ${answer.status}`;
  return fault(what, `let it answer everything with 308 to ${origin}, or not at all`);
}
