import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { Reader } from 'mmdb-lib';
import { z } from 'zod';
import { messages } from '../../auth/pages/messages.ts';

/** About where an address is, in words; null where the database does not know, or it is nowhere. */
export type FindPlace = (address: string) => string | null;

/** The path of a database in MaxMind's format, of cities or countries. It is read whole, once. */
export const geoipDatabase: z.ZodType<FindPlace, string> = z.string().transform((path, context) => {
  const opened = openPlaces(path);
  if (typeof opened === 'function') return opened;
  context.addIssue({
    code: 'custom',
    message: `${opened.problem}; give the path of an .mmdb file of cities or countries, such as GeoLite2-City.mmdb`,
  });
  return z.NEVER;
});

function openPlaces(path: string): FindPlace | { readonly problem: string } {
  const bytes = readOrNull(path);
  if (bytes === null) return { problem: 'names a file that cannot be read' };
  const reader = readerOrNull(bytes);
  if (reader === null) return { problem: 'is not a database in MaxMind’s format' };
  if (!/city|country|enterprise/i.test(reader.metadata.databaseType))
    return { problem: 'is a database of something else than places' };
  return (address) => (isSomewhere(address) ? placeIn(reader, address) : null);
}

type AnyReader = Reader<Record<never, never>>;

function readOrNull(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

function readerOrNull(bytes: Buffer): AnyReader | null {
  try {
    return new Reader(bytes);
  } catch {
    return null;
  }
}

const named = z.object({ names: z.record(z.string(), z.string()) });
/** @see https://dev.maxmind.com/geoip/docs/databases/city-and-country */
const record = z.object({ city: named.optional(), country: named.optional() });

function placeIn(reader: AnyReader, address: string): string | null {
  const found = record.safeParse(recordOrNull(reader, address));
  if (!found.success) return null;
  const names = [found.data.city, found.data.country].flatMap((part) => part?.names[messages.language] ?? []);
  return names.length === 0 ? null : names.join(', ');
}

// A file that is damaged in its midst takes a place away, and not the page.
function recordOrNull(reader: AnyReader, address: string): unknown {
  try {
    return reader.get(address);
  } catch {
    return null;
  }
}

/** Addresses that mean another machine in every network. @see RFC 6890 §2.2; RFC 4193; RFC 4291 §2.5 */
const NOWHERE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  NOWHERE.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  NOWHERE.addSubnet(network, prefix, 'ipv6');

function isSomewhere(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && !NOWHERE.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
