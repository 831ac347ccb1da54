import type { KeyObject } from 'node:crypto';
import { DAY } from '../clock.ts';
import type { RequestContext } from '../http/context.ts';
import type { Cookies } from '../http/cookies.ts';
import { isSigned, sign } from '../http/signatures.ts';
import type { Secrets } from '../secrets.ts';
import { isToken, newToken, tokenDigest } from '../tokens.ts';
import { widerNetwork } from './client-network.ts';

/** How long a browser is remembered after its last sign-in. */
const LIFETIME = 365 * DAY;
/** Of so many accounts that use one browser, the latest ones. */
const MOST_ACCOUNTS = 4;
/** Of so many networks that an account uses it from, the latest ones. */
const MOST_NETWORKS = 8;
/** In characters of base64url: 48 bits, for whoever guesses one gains no more than that a mail is not sent. */
const MARK_LENGTH = 8;
const MARKS = new RegExp(`.{${MARK_LENGTH}}`, 'g');

/**
 * Remembers in a browser which accounts have signed in there. It proves nothing about who somebody is; it gives their
 * attempts a budget of their own, which strangers cannot use up (A07).
 * @see OWASP, Slow Down Online Guessing Attacks with Device Cookies
 */
export type Devices = {
  /** Names the browser, when this account has signed in there before; else null. */
  readonly known: (context: RequestContext, accountId: string | null, now: number) => string | null;
  /** When it last signed in there, and has from about this network, in milliseconds of UTC; null where it has not. */
  readonly lastFamiliarAt: (context: RequestContext, accountId: string, now: number) => number | null;
  /** Whether anybody has. */
  readonly isKnownToAnybody: (request: Request, now: number) => boolean;
  /** Remembers that this account was made, has signed in or was recovered here; to be called when it was. */
  readonly remember: (context: RequestContext, accountId: string, now: number) => void;
};

type Entry = {
  readonly issuedAt: string;
  readonly id: string;
  /** That we made this entry, whosever it is. */
  readonly ours: string;
  /** That we made it for one account, which the cookie does not name. */
  readonly bond: string;
  /** The networks that it was used from, the latest first, as none but we can tell. */
  readonly networks: readonly string[];
};

export function createDevices(secrets: Secrets, cookies: Cookies): Devices {
  const keys = secrets.keys('device');
  const entriesOf = (request: Request, now: number): readonly Entry[] =>
    read(cookies.read(request, 'device'))
      .slice(0, MOST_ACCOUNTS)
      .filter(({ issuedAt, id, ours }) => isYoung(issuedAt, now) && isSigned(keys, [issuedAt, id], ours));
  const entryFor = (entries: readonly Entry[], accountId: string) =>
    entries.find(({ issuedAt, id, bond }) => isSigned(keys, [issuedAt, id, accountId], bond));
  return {
    known: ({ request }, accountId, now) => {
      const entry = entryFor(entriesOf(request, now), accountId ?? '');
      return entry === undefined ? null : tokenDigest(entry.id);
    },
    lastFamiliarAt: (context, accountId, now) => {
      const entry = entryFor(entriesOf(context.request, now), accountId);
      if (entry === undefined) return null;
      const network = widerNetwork(context.address);
      const isOf = (key: KeyObject) => entry.networks.includes(networkMark(key, entry.id, network ?? ''));
      return network === null || keys.some(isOf) ? timeOf(entry.issuedAt) : null;
    },
    isKnownToAnybody: (request, now) => entriesOf(request, now).length > 0,
    remember: (context, accountId, now) => {
      const entries = entriesOf(context.request, now);
      const before = entryFor(entries, accountId);
      const others = entries.filter((entry) => entry !== before).slice(0, MOST_ACCOUNTS - 1);
      // The id stays, and with it what has been counted against the browser.
      const id = before?.id ?? newToken();
      const issuedAt = now.toString(36);
      const entry = {
        issuedAt,
        id,
        ours: sign(keys, [issuedAt, id]),
        bond: sign(keys, [issuedAt, id, accountId]),
        networks: withNetwork(
          before?.networks ?? [],
          networkMark(keys[0], id, widerNetwork(context.address) ?? ''),
        ),
      };
      context.cookies.set('device', cookies.set('device', write([entry, ...others]), LIFETIME / 1_000));
    },
  };
}

function timeOf(issuedAt: string): number {
  return Number.parseInt(issuedAt, 36);
}

function isYoung(issuedAt: string, now: number): boolean {
  const age = now - timeOf(issuedAt);
  // A clock that was set back a little must not make strangers of everybody.
  return age >= -DAY && age <= LIFETIME;
}

// A browser that knows the network of another could tell of it: so a mark is bound to the browser, and made by us.
function networkMark(key: KeyObject, id: string, network: string): string {
  return sign([key], ['network', id, network]).slice(0, MARK_LENGTH);
}

function withNetwork(networks: readonly string[], mark: string): readonly string[] {
  return [mark, ...networks.filter((other) => other !== mark)].slice(0, MOST_NETWORKS);
}

function write(entries: readonly Entry[]): string {
  return entries
    .map(({ issuedAt, id, ours, bond, networks }) => [issuedAt, id, ours, bond, networks.join('')].join('.'))
    .join('~');
}

function read(cookie: string | null): readonly Entry[] {
  if (cookie === null) return [];
  return cookie.split('~').flatMap((text) => {
    const [issuedAt = '', id = '', ours = '', bond = '', marks = ''] = text.split('.');
    const networks = marks.match(MARKS) ?? [];
    return /^[0-9a-z]{1,11}$/.test(issuedAt) && [id, ours, bond].every(isToken)
      ? [{ issuedAt, id, ours, bond, networks }]
      : [];
  });
}
