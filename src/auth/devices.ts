import type { KeyObject } from 'node:crypto';
import { isToken, newToken, type Secrets, tokenDigest } from '../platform/crypto/index.ts';
import { widerNetwork } from '../platform/rate-limit/index.ts';
import { DAY, SECOND } from '../platform/runtime/index.ts';
import type { RequestContext } from '../platform/web/context.ts';
import type { Cookies } from '../platform/web/cookies.ts';
import { isSigned, sign } from '../platform/web/signatures.ts';
import type { Forgetting } from './accounts/account.ts';
import { authCookies } from './definitions.ts';

/** How long a browser is remembered after its last sign-in. */
const LIFETIME = 365 * DAY;
/** Of so many accounts that use one browser, the latest ones. */
const MOST_ACCOUNTS = 4;
/** Of so many networks that an account uses it from, the latest ones. */
const MOST_NETWORKS = 8;
/** In characters of base64url: 48 bits, for whoever guesses one gains no more than that a mail is not sent. */
const MARK_LENGTH = 8;
const MARKS = new RegExp(`.{${MARK_LENGTH}}`, 'g');
/** In base 36. */
const NUMBER = /^[0-9a-z]{1,11}$/;

/**
 * Remembers in a browser which accounts have signed in there. It proves nothing about who somebody is; it gives their
 * attempts a budget of their own, which strangers cannot use up (A07).
 * @see OWASP, Slow Down Online Guessing Attacks with Device Cookies
 */
export type Devices = {
  /** Names the browser, when this account has signed in there since its devices were last forgotten; else null. */
  readonly known: (context: RequestContext, accountId: string | null, now: number) => Promise<string | null>;
  /** Whether it has, and from about this network. */
  readonly isFamiliar: (context: RequestContext, accountId: string, now: number) => Promise<boolean>;
  /** Whether any account has; those whose devices were forgotten since cannot be told apart here. */
  readonly isKnownToAnybody: (request: Request, now: number) => boolean;
  /** The generation of devices that an account knows; each change of its credentials begins another one. */
  readonly generationOf: (accountId: string) => Promise<number>;
  /**
   * Remembers that this account was made, has signed in or was recovered here; to be called when it was.
   * @param generation read before the proof was last verified, so that a change at the same moment forgets this device, too
   */
  readonly remember: (context: RequestContext, accountId: string, now: number, generation: number) => void;
  /** Keeps the browser that changes a credential as known as it was, while every other one is forgotten (A11). */
  readonly keep: (context: RequestContext, accountId: string, forgetting: Forgetting, now: number) => void;
};

type Entry = {
  readonly issuedAt: string;
  readonly id: string;
  /** That we made this entry, whosever it is. */
  readonly ours: string;
  /** The generation of the account's devices that it belongs to. */
  readonly generation: string;
  /** That we made it for one account, which the cookie does not name. */
  readonly bond: string;
  /** The networks that it was used from, the latest first, as none but we can tell. */
  readonly networks: readonly string[];
};

export function createDevices(
  secrets: Secrets,
  cookies: Cookies,
  generationOf: Devices['generationOf'],
): Devices {
  const keys = secrets.keys('device');
  const { entriesOf, entryFor, signed, put } = deviceEntries(keys, cookies);
  // The account is read only where there is an entry for it, so that the time tells other clients nothing.
  const knownEntry = async ({ request }: RequestContext, accountId: string | null, now: number) => {
    const entry = accountId === null ? undefined : entryFor(entriesOf(request, now), accountId);
    if (accountId === null || entry === undefined) return null;
    return entry.generation === inText(await generationOf(accountId)) ? entry : null;
  };
  return {
    generationOf,
    known: async (context, accountId, now) => {
      const entry = await knownEntry(context, accountId, now);
      return entry === null ? null : tokenDigest(entry.id);
    },
    isFamiliar: async (context, accountId, now) => {
      const entry = await knownEntry(context, accountId, now);
      if (entry === null) return false;
      const network = widerNetwork(context.address);
      const isOf = (key: KeyObject) => entry.networks.includes(networkMark(key, entry.id, network ?? ''));
      return network === null || keys.some(isOf);
    },
    isKnownToAnybody: (request, now) => entriesOf(request, now).length > 0,
    remember: (context, accountId, now, generationNumber) => {
      const entries = entriesOf(context.request, now);
      const before = entryFor(entries, accountId);
      const others = entries.filter((entry) => entry !== before).slice(0, MOST_ACCOUNTS - 1);
      // The id stays, and with it what has been counted against the browser.
      const id = before?.id ?? newToken();
      const generation = inText(generationNumber);
      const known = before?.generation === generation ? before.networks : [];
      const networks = withNetwork(known, networkMark(keys[0], id, widerNetwork(context.address) ?? ''));
      put(context, [signed(accountId, { issuedAt: inText(now), id, generation, networks }), ...others]);
    },
    keep: (context, accountId, { before, after }, now) => {
      const entries = entriesOf(context.request, now);
      const entry = entryFor(entries, accountId);
      if (entry?.generation !== inText(before)) return;
      const kept = signed(accountId, { ...entry, generation: inText(after) });
      put(
        context,
        entries.map((one) => (one === entry ? kept : one)),
      );
    },
  };
}

/** Reads the entries of a browser's cookie that we made, and writes them. */
function deviceEntries(keys: ReturnType<Secrets['keys']>, cookies: Cookies) {
  // What the answer to a request will set: what is asked later on the way of that request sees it.
  const written = new WeakMap<Request, string>();
  return {
    entriesOf: (request: Request, now: number): readonly Entry[] =>
      read(written.get(request) ?? cookies.read(request, authCookies.device))
        .slice(0, MOST_ACCOUNTS)
        .filter(({ issuedAt, id, ours }) => isYoung(issuedAt, now) && isSigned(keys, [issuedAt, id], ours)),
    entryFor: (entries: readonly Entry[], accountId: string) =>
      entries.find(({ issuedAt, id, generation, bond }) =>
        isSigned(keys, [issuedAt, id, generation, accountId], bond),
      ),
    signed: (accountId: string, entry: Omit<Entry, 'ours' | 'bond'>): Entry => {
      const { issuedAt, id, generation } = entry;
      const bond = sign(keys, [issuedAt, id, generation, accountId]);
      return { ...entry, ours: sign(keys, [issuedAt, id]), bond };
    },
    put: (context: RequestContext, entries: readonly Entry[]): void => {
      const value = write(entries);
      written.set(context.request, value);
      cookies.set(context, authCookies.device, value, LIFETIME / SECOND);
    },
  };
}

function inText(number: number): string {
  return number.toString(36);
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
    .map(({ issuedAt, id, ours, generation, bond, networks }) =>
      [issuedAt, id, ours, bond, networks.join(''), generation].join('.'),
    )
    .join('~');
}

function read(cookie: string | null): readonly Entry[] {
  if (cookie === null) return [];
  return cookie.split('~').flatMap((text) => {
    const [issuedAt = '', id = '', ours = '', bond = '', marks = '', generation = ''] = text.split('.');
    const networks = marks.match(MARKS) ?? [];
    return [issuedAt, generation].every((number) => NUMBER.test(number)) && [id, ours, bond].every(isToken)
      ? [{ issuedAt, id, ours, generation, bond, networks }]
      : [];
  });
}
