import { createHash } from 'node:crypto';

/**
 * A set of passwords in few bytes: the first 40 bits of each one's SHA-256, sorted. The first two bytes choose one
 * of 65,536 rows, whose lengths come first; the other three are in that row. A password that is not in
 * the set is taken for one that is once in some five million times.
 */
export type Blocklist = { readonly size: number; readonly has: (password: string) => boolean };

const MAGIC = Buffer.from('latchkey blocklist 1\n');
const CHECKSUM_BYTES = 32;
const ROWS = 65_536;
const ENTRY_BYTES = 3;

/** Writes a set of passwords, each already folded. */
export function encodeBlocklist(passwords: ReadonlySet<string>): Buffer {
  const prefixes = [...new Set([...passwords].map((password) => prefixOf(password).toString('hex')))].sort();
  const lengths = Buffer.alloc(ROWS);
  const entries = prefixes.map((prefix) => {
    const bytes = Buffer.from(prefix, 'hex');
    const row = bytes.readUInt16BE(0);
    // Throws beyond 255, which some twenty million passwords would take.
    lengths.writeUInt8(lengths.readUInt8(row) + 1, row);
    return bytes.subarray(2);
  });
  const content = Buffer.concat([lengths, ...entries]);
  return Buffer.concat([MAGIC, checksum(content), content]);
}

/**
 * Reads what `encodeBlocklist` wrote.
 * @throws {Error} when the bytes are not a whole blocklist, so that a broken file never lets everything through
 */
export function decodeBlocklist(bytes: Buffer): Blocklist {
  const content = bytes.subarray(MAGIC.length + CHECKSUM_BYTES);
  const expected = bytes.subarray(MAGIC.length, MAGIC.length + CHECKSUM_BYTES);
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || !checksum(content).equals(expected)) {
    throw new Error('the list of common passwords is damaged');
  }
  const starts = rowStarts(content);
  return {
    size: (content.length - ROWS) / ENTRY_BYTES,
    has: (password) => {
      const prefix = prefixOf(password);
      const row = prefix.readUInt16BE(0);
      const end = starts[row + 1] ?? 0;
      for (let position = starts[row] ?? 0; position < end; position += ENTRY_BYTES) {
        if (prefix.compare(content, position, position + ENTRY_BYTES, 2) === 0) return true;
      }
      return false;
    },
  };
}

function rowStarts(content: Buffer): Uint32Array {
  const starts = new Uint32Array(ROWS + 1);
  let position = ROWS;
  for (let row = 0; row < ROWS; row += 1) {
    starts[row] = position;
    // Reading by index takes a tenth of the time of readUInt8, at each start.
    position += (content[row] ?? 0) * ENTRY_BYTES;
  }
  starts[ROWS] = position;
  return starts;
}

function prefixOf(password: string): Buffer {
  return createHash('sha256').update(password).digest().subarray(0, 5);
}

function checksum(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}
