import { hasDomain, passkeyFaults } from '../../features/passkeys/index.ts';
import type { GivenValues } from '../../read-settings.ts';
import type { Finding, Report } from './findings.ts';

/** Whether browsers offer passkeys for this site: its RP ID has to be its host or a parent domain (WebAuthn Level 3 §5.1.3). */
export function checkPasskeys(settings: GivenValues, { ok, warning, fault }: Report): Finding {
  const { baseUrl, passkeys, passkeyRpId: id = baseUrl.hostname, passkeyOrigins } = settings;
  if (passkeys === 'off') return ok('are off');
  const [wrong] = passkeyFaults(id, baseUrl);
  if (wrong !== undefined)
    return fault(`${wrong.name} ${wrong.message}`, `give ${baseUrl.hostname}, or nothing`);
  if (!hasDomain(baseUrl))
    return warning('browsers have none for a site without a domain', 'give BASE_URL a host name');
  if (passkeyOrigins.length > 0 && id !== baseUrl.hostname)
    return warning(
      `are for ${id}, where browsers look for the related origins`,
      `let https://${id}/.well-known/webauthn answer as ${baseUrl.origin}/.well-known/webauthn does`,
    );
  return ok(`are for ${id}`);
}
