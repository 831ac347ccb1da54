import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readForm } from './form.ts';
import { RequestRefused } from './problems.ts';

const FORM = 'application/x-www-form-urlencoded';
const KILOBYTE = 1_024;

function post(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream,
  headers: Readonly<Record<string, string>> = {},
) {
  const all = { 'content-type': FORM, ...headers };
  return readForm(new Request('http://localhost/', { method: 'POST', body, headers: all, duplex: 'half' }));
}

/** The status with which a form is refused, or 200. */
async function statusOf(reading: Promise<unknown>): Promise<number> {
  try {
    await reading;
    return 200;
  } catch (error) {
    if (error instanceof RequestRefused) return error.status;
    throw error;
  }
}

/** A body without an announced length; counts how much of it was read. */
function stream(kilobytes: number) {
  const read = { kilobytes: 0 };
  const body = new ReadableStream({
    pull: (controller) => {
      if (read.kilobytes === kilobytes) return controller.close();
      read.kilobytes += 1;
      controller.enqueue(new Uint8Array(KILOBYTE).fill(97));
    },
  });
  return { body, read };
}

describe('a posted form', () => {
  it('returns its fields as typed, and empty text for missing ones', async () => {
    const form = await post('username=Ad%C3%A9le+L.&password=+a%26b%3Dc%2B%00&flag&=x&empty=');
    assert.equal(form.text('username'), 'Adéle L.');
    assert.equal(form.text('password'), ' a&b=c+\0');
    for (const name of ['flag', 'empty', 'absent', 'constructor', '__proto__'])
      assert.equal(form.text(name), '');
    assert.equal(form.text(''), 'x');
    assert.equal((await post('')).text('username'), '');
  });

  it('must be URL-encoded in UTF-8', async () => {
    const types = [
      [FORM, 200],
      [`${FORM}; charset=utf-8`, 200],
      [`${FORM.toUpperCase()};charset="UTF-8"`, 200],
      [`${FORM}; charset=utf-16`, 415],
      ['multipart/form-data; boundary=x', 415],
      ['text/plain', 415],
      ['application/json', 415],
      [`text/plain, ${FORM}`, 415],
      ['', 415],
    ] as const;
    for (const [type, status] of types)
      assert.equal(await statusOf(post('a=b', { 'content-type': type })), status, type);
    // Bytes, for which no type is made up.
    const untyped = new Request('http://localhost/', { method: 'POST', body: Buffer.from('a=b') });
    assert.equal(untyped.headers.get('content-type'), null);
    assert.equal(await statusOf(readForm(untyped)), 415);
  });

  it('is refused if it is ambiguous', async () => {
    const doubtful = ['a=1&a=2', 'a=1&%61=2', 'a=%', 'a=%f', 'a=%ff', 'a=%c3%28', 'a=%ed%a0%80', '%=a'];
    for (const body of doubtful) assert.equal(await statusOf(post(body)), 400, body);
    assert.equal(await statusOf(post(new Uint8Array([97, 61, 0xff]))), 400, 'not UTF-8');
  });

  it('A55: is limited to 64 KB, with or without a Content-Length', async () => {
    const longest = `a=${'x'.repeat(64 * KILOBYTE - 2)}`;
    assert.equal((await post(longest)).text('a').length, 64 * KILOBYTE - 2);
    assert.equal(await statusOf(post(longest, { 'content-length': String(64 * KILOBYTE) })), 200);
    assert.equal(await statusOf(post(`${longest}x`)), 413);
    assert.equal(await statusOf(post('a=b', { 'content-length': String(64 * KILOBYTE + 1) })), 413);
    assert.equal(
      await statusOf(post(`${longest}x`, { 'content-length': '3' })),
      413,
      'whatever was announced',
    );
    assert.equal(await statusOf(post(stream(64).body)), 200);
  });

  it('A55: is read no further than its limit if it has no Content-Length', async () => {
    const { body, read } = stream(10_000);
    assert.equal(await statusOf(post(body)), 413);
    assert.ok(read.kilobytes < 70, `${read.kilobytes} KB were read`);
  });
});
