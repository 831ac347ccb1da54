import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { DAY } from '../../../platform/runtime/clock.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { handshake } from './handshake.ts';
import type { Site } from './site.ts';

const { ok, warning, fault } = findingsOf('certificate');

const SOON = 14 * DAY;

/** Whether the certificate is of this host, vouched for by somebody known, and valid for a while yet. */
export const certificate: Check<Site> = {
  name: 'certificate',
  run: async (site) => {
    if (!site.isSecure) return [];
    const seen = await handshake(site, { ca: [...site.authorities] }, (socket) => ({
      certificate: socket.getPeerCertificate(),
      problem: socket.authorized ? null : String(socket.authorizationError),
    }));
    // What keeps TLS from being spoken at all is told by another check.
    if (seen === null) return [];
    return [ofTime(seen.certificate, Date.now()), ofHost(site, seen.certificate), ofChain(seen.problem)];
  },
};

function ofTime({ valid_from, valid_to }: PeerCertificate, now: number): Finding {
  const [from, until] = [Date.parse(valid_from), Date.parse(valid_to)];
  const renew = 'renew it, and see that whatever renews it runs and that the server reads the new one';
  const day = new Date(until).toISOString().slice(0, 10);
  if (until <= now) return fault(`expired on ${day}`, renew);
  if (from > now) return fault('is not valid yet', 'see whether this machine’s clock is right');
  const days = Math.floor((until - now) / DAY);
  return until - now < SOON ? warning(`expires on ${day}, in ${days} days`, renew) : ok(`valid until ${day}`);
}

function ofHost({ hostname }: Site, shown: PeerCertificate): Finding {
  if (checkServerIdentity(hostname, shown) === undefined) return ok(`is for ${hostname}`);
  return fault(`is not for ${hostname}`, 'get one whose subject alternative names include this host');
}

const OF_TIME_OR_HOST = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'ERR_TLS_CERT_ALTNAME_INVALID'];

function ofChain(problem: string | null): Finding {
  if (problem === null || OF_TIME_OR_HOST.includes(problem)) return ok('is vouched for by a known authority');
  return fault(
    `is not vouched for by a known authority (${problem})`,
    'serve the whole chain; for an authority of your own, name its certificate with --authority',
  );
}
