import { paths } from '../../../auth/paths.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf, quoted } from '../finding.ts';
import { valuesOf } from './ask.ts';
import type { Site } from './site.ts';

const { ok, fault } = findingsOf('cookies');

/** Whether the cookie of a new visitor arrives with all its flags (A45). */
export const cookies: Check<Site> = {
  name: 'cookies',
  run: async (site) => {
    const lines = valuesOf(await site.ask({ path: paths.login }), 'set-cookie');
    const own = lines.filter((line) => /^(?:__host-|__secure-)?latchkey/i.test(line));
    if (own.length === 0)
      return [fault('GET /login sets none', 'let the proxy pass on Set-Cookie, and cache nothing')];
    return own.map((line) => judge(line, site.isSecure));
  },
};

function judge(line: string, isSecure: boolean): Finding {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const [name = ''] = pair.split('=');
  const has = (pattern: RegExp) => attributes.some((attribute) => pattern.test(attribute));
  const wrong = [
    ...(isSecure && !name.startsWith('__Host-') ? ['its name does not begin with __Host-'] : []),
    ...(isSecure && !has(/^secure$/i) ? ['it is not Secure'] : []),
    ...(has(/^httponly$/i) ? [] : ['it is not HttpOnly']),
    ...(has(/^samesite=(?:lax|strict)$/i) ? [] : ['it has no SameSite']),
    ...(has(/^path=\/$/i) ? [] : ['its Path is not /']),
    ...(has(/^domain=/i) ? ['it has a Domain'] : []),
  ];
  if (wrong.length === 0) return ok(`${quoted(name)} has all its flags`);
  return fault(
    `${quoted(name)}: ${wrong.join(', ')}`,
    'set BASE_URL to the public https: address, and let the proxy change no cookie',
  );
}
