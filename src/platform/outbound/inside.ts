import { type LookupAddress, promises } from 'node:dns';
import { isIP } from 'node:net';
import { MINUTE, SECOND } from '../runtime/index.ts';
import { isPublicAddress } from '../web/index.ts';
import { OutboundRefused } from './refused.ts';

export type Resolve = (
  hostname: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Names of private networks: without a dot, or under a domain that the public DNS does not have (RFC 6761, 6762, 8375; ICANN). */
const INSIDE =
  /^[^.]+$|\.(?:internal|intranet|private|priv|corp|home|lan|local|localdomain|localhost|home\.arpa|svc|consul|docker|test|invalid)$/;
/** An address in a name, for which some public name servers answer with that address: `10.0.0.8.nip.io`, `a-10-0-0-8.sslip.io`. */
const NAMED_ADDRESS =
  /(?<=^|[.-])\d{1,3}(?<separator>[.-])\d{1,3}\k<separator>\d{1,3}\k<separator>\d{1,3}(?=$|[.-])/g;

/** How long a name server may take. A proxy is often there because this machine can ask none. */
const PATIENCE = SECOND / 2;
/** How long a silent name server is not asked again. */
const REST = MINUTE;

/**
 * Refuses a host of a private network before a proxy is asked for it: by its name, or if it resolves here to an address that
 * is not public. The proxy resolves again and may know more: docs/decisions/016-outgoing-proxies.md.
 */
export function createRefuseInside(resolve: Resolve | undefined): (host: string) => Promise<void> {
  const addressesOf = resolve === undefined ? createLookup() : (host: string) => found(resolve, host);
  return async (host) => {
    if (isIP(host) !== 0) return;
    // The proxy connects to any of the addresses, so one that is not public is too much.
    const named = [...host.matchAll(NAMED_ADDRESS)].map(([text]) => text.replaceAll('-', '.'));
    const known = [...named, ...(await addressesOf(host))];
    const isInside = INSIDE.test(host) || !known.every(isPublicAddress);
    if (isInside) throw new OutboundRefused('address-not-public');
  };
}

function found(resolve: Resolve, host: string): Promise<readonly string[]> {
  return new Promise((done) => {
    resolve(host, { all: true }, (error, addresses: readonly LookupAddress[]) =>
      done(error === null ? addresses.map(({ address }) => address) : []),
    );
  });
}

/**
 * The addresses that name servers know, none if none answers. `dns.lookup` would keep a thread of the process for as long as
 * a name server is silent.
 */
function createLookup(): (host: string) => Promise<readonly string[]> {
  let silentSince = Number.NEGATIVE_INFINITY;
  return async (host) => {
    if (performance.now() - silentSince < REST) return [];
    const resolver = new promises.Resolver({ timeout: PATIENCE, tries: 1 });
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const isSilent = answers.every(({ status, ...rest }) => status === 'rejected' && isTimeout(rest));
    if (isSilent) silentSince = performance.now();
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  };
}

function isTimeout(outcome: object): boolean {
  const reason: unknown = 'reason' in outcome ? outcome.reason : null;
  return reason instanceof Error && 'code' in reason && reason.code === 'ETIMEOUT';
}
