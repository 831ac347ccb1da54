import { writeFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';

/** The content of a record of the database: texts, numbers and objects of these. */
type Value = string | number | readonly string[] | { readonly [key: string]: Value };

/** Names as in the databases of cities and countries. */
export function locationRecord(city: string | null, country: string) {
  return { ...(city !== null && { city: { names: { en: city } } }), country: { names: { en: country } } };
}

const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
const SEPARATOR = Buffer.alloc(16);

type Node = [left: Leaf | Node, right: Leaf | Node];
/** The offset of the record in the data; null for none. */
type Leaf = { readonly offset: number } | null;

/**
 * Writes a small database of single addresses in MaxMind's format.
 * @see https://maxmind.github.io/MaxMind-DB/
 */
export function writeGeoipDatabase(
  path: string,
  records: Readonly<Record<string, Value>>,
  type = 'Test-City',
): void {
  const root: Node = [null, null];
  const data: Buffer[] = [];
  let length = 0;
  for (const [address, value] of Object.entries(records)) {
    insert(root, bitsOf(address), { offset: length });
    const encoded = encode(value);
    data.push(encoded);
    length += encoded.length;
  }
  const nodes = nodesBelow(root);
  const metadata = {
    node_count: nodes.length,
    record_size: 32,
    ip_version: 6,
    database_type: type,
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_767_268_800,
    description: { en: 'made for a test' },
  };
  writeFileSync(path, Buffer.concat([tree(nodes), SEPARATOR, ...data, MARKER, encode(metadata)]));
}

/** IPv4 addresses are the last 32 of 128 bits. */
function bitsOf(address: string): readonly (0 | 1)[] {
  const bytes = isIPv4(address)
    ? [...Array<number>(12).fill(0), ...address.split('.').map(Number)]
    : fullIpv6(address).flatMap((group) => [group >> 8, group & 0xff]);
  return bytes.flatMap((byte) => [...byte.toString(2).padStart(8, '0')].map((bit) => (bit === '1' ? 1 : 0)));
}

function fullIpv6(address: string): readonly number[] {
  const [head = [], tail = []] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}

function insert(node: Node, [bit = 0, ...rest]: readonly (0 | 1)[], leaf: Leaf): void {
  if (rest.length === 0) {
    node[bit] = leaf;
    return;
  }
  const child = node[bit];
  const next: Node = Array.isArray(child) ? child : [null, null];
  node[bit] = next;
  insert(next, rest, leaf);
}

function nodesBelow(node: Node): readonly Node[] {
  return [node, ...node.flatMap((child) => (Array.isArray(child) ? nodesBelow(child) : []))];
}

function tree(nodes: readonly Node[]): Buffer {
  const locations = new Map(nodes.map((node, index) => [node, index]));
  const pointer = (child: Leaf | Node): number => {
    if (child === null) return nodes.length;
    if (Array.isArray(child)) return locations.get(child) ?? nodes.length;
    return nodes.length + SEPARATOR.length + child.offset;
  };
  const bytes = Buffer.alloc(nodes.length * 8);
  for (const [index, [left, right]] of nodes.entries()) {
    bytes.writeUInt32BE(pointer(left), index * 8);
    bytes.writeUInt32BE(pointer(right), index * 8 + 4);
  }
  return bytes;
}

const TYPES = { text: 2, integer: 6, map: 7, list: 11 } as const;

function encode(value: Value): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([head(TYPES.text, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([head(TYPES.integer, 4), bytes]);
  }
  if (isList(value)) return Buffer.concat([head(TYPES.list, value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([head(TYPES.map, entries.length), ...entries.flat().map(encode)]);
}

function isList(value: Value): value is readonly string[] {
  return Array.isArray(value);
}

/** The control byte of a value: its type and length. A type above 7 has a byte of its own. */
function head(type: number, size: number): Buffer {
  const [first, ...rest] = size < 29 ? [size] : [29, size - 29];
  return Buffer.from([((type > 7 ? 0 : type) << 5) | (first ?? 0), ...(type > 7 ? [type - 7] : []), ...rest]);
}
