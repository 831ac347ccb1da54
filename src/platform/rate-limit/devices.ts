import type { KeyObject } from 'node:crypto';
import { isToken, newToken, type Secrets, tokenDigest } from '../crypto/index.ts';
import { DAY, SECOND } from '../runtime/index.ts';
import { type Cookie, type Cookies, isSigned, sign, type WebContext } from '../web/index.ts';
import { widerNetwork } from './client-network.ts';

/** How long a browser is remembered after its last use. */
const LIFETIME = 365 * DAY;
/** Owners that are remembered in one browser, the latest ones. */
const MAX_OWNERS = 4;
/** Networks from which an owner uses it, the latest ones. */
const MAX_NETWORKS = 8;
/** In characters of base64url: 48 bits, because an attacker who guesses one only prevents a mail. */
const FINGERPRINT_LENGTH = 8;
const FINGERPRINTS = new RegExp(`.{${FINGERPRINT_LENGTH}}`, 'g');
/** In base 36. */
const NUMBER = /^[0-9a-z]{1,11}$/;

/** The generation of the devices that an owner knows, before and after they were forgotten. */
export type Generations = { readonly before: number; readonly after: number };

/**
 * Remembers in a browser which owners have used it. It proves no identity; it gives their attempts a budget of their own,
 * which attackers cannot use up (A07).
 * @see OWASP, Slow Down Online Guessing Attacks with Device Cookies
 */
export type Devices<Owner extends string> = {
  /** Names the browser if this owner has used it since its devices were last forgotten, or null. */
  readonly known: (context: WebContext, ownerId: Owner | null, now: number) => Promise<string | null>;
  /** Whether it has, and from about this network. */
  readonly isFamiliar: (context: WebContext, ownerId: Owner, now: number) => Promise<boolean>;
  /** Whether any owner has; here it is not known whose devices were forgotten since. */
  readonly hasAnyOwner: (request: Request, now: number) => boolean;
  /** The generation of devices that an owner knows; clearing them begins another one. */
  readonly generationOf: (ownerId: Owner) => Promise<number>;
  /**
   * Remembers that this owner uses the browser.
   * @param generation read before the proof was last verified, so that a change at the same moment forgets this device, too
   */
  readonly remember: (context: WebContext, ownerId: Owner, now: number, generation: number) => void;
  /** Keeps the browser as known as it was, while every other one is forgotten (A11). */
  readonly keep: (context: WebContext, ownerId: Owner, generations: Generations, now: number) => void;
};

type Entry = {
  readonly issuedAt: string;
  readonly id: string;
  /** The MAC of the entry. */
  readonly mac: string;
  /** The generation of the owner's devices that it belongs to. */
  readonly generation: string;
  /** The MAC of the entry with its owner, which the cookie does not contain. */
  readonly ownerMac: string;
  /** The fingerprints of the networks that it was used from, the latest first. */
  readonly networks: readonly string[];
};

export type DeviceParts<Owner extends string> = {
  readonly secrets: Secrets;
  readonly cookies: Cookies;
  readonly cookie: Cookie;
  readonly generationOf: Devices<Owner>['generationOf'];
};

export function createDevices<Owner extends string>({
  secrets,
  generationOf,
  ...parts
}: DeviceParts<Owner>): Devices<Owner> {
  const keys = secrets.keys('device');
  const { entriesOf, entryFor, signed, put } = deviceEntries(keys, parts);
  // The generation is read only where there is an entry, so that the time reveals nothing to other clients.
  const knownEntry = async ({ request }: WebContext, ownerId: Owner | null, now: number) => {
    const entry = ownerId === null ? undefined : entryFor(entriesOf(request, now), ownerId);
    if (ownerId === null || entry === undefined) return null;
    return entry.generation === inText(await generationOf(ownerId)) ? entry : null;
  };
  return {
    generationOf,
    known: async (context, ownerId, now) => {
      const entry = await knownEntry(context, ownerId, now);
      return entry === null ? null : tokenDigest(entry.id);
    },
    isFamiliar: async (context, ownerId, now) => {
      const entry = await knownEntry(context, ownerId, now);
      if (entry === null) return false;
      const network = widerNetwork(context.address);
      const isOf = (key: KeyObject) =>
        entry.networks.includes(networkFingerprint(key, entry.id, network ?? ''));
      return network === null || keys.some(isOf);
    },
    hasAnyOwner: (request, now) => entriesOf(request, now).length > 0,
    remember: (context, ownerId, now, generationNumber) => {
      const entries = entriesOf(context.request, now);
      const before = entryFor(entries, ownerId);
      const others = entries.filter((entry) => entry !== before).slice(0, MAX_OWNERS - 1);
      // The id stays, and so do the attempts that were counted against the browser.
      const id = before?.id ?? newToken();
      const generation = inText(generationNumber);
      const known = before?.generation === generation ? before.networks : [];
      const networks = withNetwork(
        known,
        networkFingerprint(keys[0], id, widerNetwork(context.address) ?? ''),
      );
      put(context, [signed(ownerId, { issuedAt: inText(now), id, generation, networks }), ...others]);
    },
    keep: (context, ownerId, { before, after }, now) => {
      const entries = entriesOf(context.request, now);
      const entry = entryFor(entries, ownerId);
      if (entry?.generation !== inText(before)) return;
      const kept = signed(ownerId, { ...entry, generation: inText(after) });
      put(
        context,
        entries.map((one) => (one === entry ? kept : one)),
      );
    },
  };
}

/** Reads and writes the authentic entries of a browser's cookie. */
function deviceEntries(
  keys: ReturnType<Secrets['keys']>,
  { cookies, cookie }: Pick<DeviceParts<never>, 'cookies' | 'cookie'>,
) {
  // The value that the response will set, for later reads during the same request.
  const written = new WeakMap<Request, string>();
  return {
    entriesOf: (request: Request, now: number): readonly Entry[] =>
      read(written.get(request) ?? cookies.read(request, cookie))
        .slice(0, MAX_OWNERS)
        .filter(({ issuedAt, id, mac }) => isYoung(issuedAt, now) && isSigned(keys, [issuedAt, id], mac)),
    entryFor: (entries: readonly Entry[], ownerId: string) =>
      entries.find(({ issuedAt, id, generation, ownerMac }) =>
        isSigned(keys, [issuedAt, id, generation, ownerId], ownerMac),
      ),
    signed: (ownerId: string, entry: Omit<Entry, 'mac' | 'ownerMac'>): Entry => {
      const { issuedAt, id, generation } = entry;
      const ownerMac = sign(keys, [issuedAt, id, generation, ownerId]);
      return { ...entry, mac: sign(keys, [issuedAt, id]), ownerMac };
    },
    put: (context: WebContext, entries: readonly Entry[]): void => {
      const value = write(entries);
      written.set(context.request, value);
      cookies.set(context, cookie, value, LIFETIME / SECOND);
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
  // A clock that was set back a little must not make every browser unknown.
  return age >= -DAY && age <= LIFETIME;
}

// Bound to the browser by a MAC, so that the fingerprint of another browser's network cannot be copied or guessed.
function networkFingerprint(key: KeyObject, id: string, network: string): string {
  return sign([key], ['network', id, network]).slice(0, FINGERPRINT_LENGTH);
}

function withNetwork(networks: readonly string[], fingerprint: string): readonly string[] {
  return [fingerprint, ...networks.filter((other) => other !== fingerprint)].slice(0, MAX_NETWORKS);
}

function write(entries: readonly Entry[]): string {
  return entries
    .map(({ issuedAt, id, mac, generation, ownerMac, networks }) =>
      [issuedAt, id, mac, ownerMac, networks.join(''), generation].join('.'),
    )
    .join('~');
}

function read(cookie: string | null): readonly Entry[] {
  if (cookie === null) return [];
  return cookie.split('~').flatMap((text) => {
    const [issuedAt = '', id = '', mac = '', ownerMac = '', fingerprints = '', generation = ''] =
      text.split('.');
    const networks = fingerprints.match(FINGERPRINTS) ?? [];
    return [issuedAt, generation].every((number) => NUMBER.test(number)) && [id, mac, ownerMac].every(isToken)
      ? [{ issuedAt, id, mac, generation, ownerMac, networks }]
      : [];
  });
}
