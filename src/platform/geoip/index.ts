import { readFileSync } from 'node:fs';
import { Reader } from 'mmdb-lib';
import { z } from 'zod';
import { resultOrNull } from '../runtime/index.ts';
import { expandPath, refuse } from '../settings/index.ts';
import { isPublicAddress } from '../web/index.ts';

/** The approximate location of a public address, in words of a language; null if the database does not contain it. */
export type Geolocate = (address: string, language: string) => string | null;

/** The path of a database of cities or countries in MaxMind's format. The file is read once. */
export const geoipDatabase: z.ZodType<Geolocate, string> = z
  .string()
  .transform(expandPath)
  .transform((path, context) => {
    const opened = openDatabase(path);
    if (typeof opened === 'function') return opened;
    const wanted = 'give the path of an .mmdb file of cities or countries, such as GeoLite2-City.mmdb';
    return refuse(context, `${opened.problem}; ${wanted}`);
  });

function openDatabase(path: string): Geolocate | { readonly problem: string } {
  const bytes = resultOrNull(() => readFileSync(path));
  if (bytes === null) return { problem: 'names a file that cannot be read' };
  const reader = resultOrNull<AnyReader>(() => new Reader(bytes));
  if (reader === null) return { problem: 'is not a database in MaxMind’s format' };
  if (!/city|country|enterprise/i.test(reader.metadata.databaseType))
    return { problem: 'is a database of something else than places' };
  return (address, language) => (isPublicAddress(address) ? locationIn(reader, address, language) : null);
}

type AnyReader = Reader<Record<never, never>>;

const named = z.object({ names: z.record(z.string(), z.string()) });
/** @see https://dev.maxmind.com/geoip/docs/databases/city-and-country */
const record = z.object({ city: named.optional(), country: named.optional() });

function locationIn(reader: AnyReader, address: string, language: string): string | null {
  // A damaged record must not make the page fail.
  const found = record.safeParse(resultOrNull(() => reader.get(address)));
  if (!found.success) return null;
  const names = [found.data.city, found.data.country].flatMap((part) => part?.names[language] ?? []);
  return names.length === 0 ? null : names.join(', ');
}
