import { promisify } from 'node:util';
import {
  type BrotliOptions,
  brotliDecompress,
  gunzip,
  inflate,
  inflateRaw,
  type ZlibOptions,
} from 'node:zlib';
import { OutboundRefused } from './refused.ts';

type Decode = (body: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const unzip: Decode = promisify<Buffer, ZlibOptions, Buffer>(gunzip);
const unbrotli: Decode = promisify<Buffer, BrotliOptions, Buffer>(brotliDecompress);
const inflateZlib: Decode = promisify<Buffer, ZlibOptions, Buffer>(inflate);
const inflateBare: Decode = promisify<Buffer, ZlibOptions, Buffer>(inflateRaw);

/** The codings of RFC 9110 §8.4.1. Some servers send deflate without the wrapper of zlib. */
const DECODERS: ReadonlyMap<string, Decode> = new Map([
  ['gzip', unzip],
  ['x-gzip', unzip],
  ['br', unbrotli],
  ['deflate', (body, options) => (isZlib(body) ? inflateZlib : inflateBare)(body, options)],
  ['identity', async (body) => body],
]);

/** The most codings that are applied one after another. */
const MAX_CODINGS = 3;

// RFC 1950 §2.2: the method is 8, and the two bytes are a multiple of 31.
function isZlib(body: Buffer): boolean {
  return body.length >= 2 && ((body[0] ?? 0) & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0;
}

/**
 * A body without its content codings. No request asks for any, and some servers and proxies compress all the same. The
 * limit holds for what comes out of each, so a small response cannot become a large one.
 * @param codings the value of `Content-Encoding`
 */
export async function decoded(body: Buffer, codings: string | undefined, maxBytes: number): Promise<Buffer> {
  const names = (codings ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  if (names.length > MAX_CODINGS) throw new OutboundRefused('answer-not-decodable');
  let plain = body;
  for (const name of names.toReversed()) {
    const decode = DECODERS.get(name);
    if (decode === undefined) throw new OutboundRefused('answer-not-decodable');
    // An empty body has nothing to decode, whatever its headers say.
    if (plain.length > 0) plain = await decode(plain, { maxOutputLength: maxBytes }).catch(refuseFaulty);
  }
  return plain;
}

function refuseFaulty(cause: unknown): never {
  const isTooLarge = cause instanceof RangeError;
  throw new OutboundRefused(isTooLarge ? 'answer-too-large' : 'answer-not-decodable', { cause });
}
