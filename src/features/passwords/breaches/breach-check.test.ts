import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { type RangeApi, sha1, startRangeApi } from '../../../../tests/kit/breached-passwords.ts';
import { createTestClock } from '../../../../tests/kit/clock.ts';
import type { EventData } from '../../../platform/events/index.ts';
import { SECOND } from '../../../platform/runtime/clock.ts';
import { breachCheckFor } from './breach-check.ts';

const STOLEN = 'nine copper kettles sing';
const UNKNOWN = 'seven paper boats at dusk';
/** Long enough for an answer on this machine, in milliseconds. */
const PATIENT = 20_000;

function startCheck({ url }: Pick<RangeApi, 'url'>, timeout = PATIENT) {
  const events: EventData[] = [];
  const clock = createTestClock();
  const announce = (_: unknown, data: EventData) => events.push(data);
  const proxies = { noProxy: () => false };
  const settings = { breachedPasswords: 'hibp', hibpUrl: url } as const;
  const check = breachCheckFor(settings, { clock: clock.read, announce, timeout, proxies });
  const reasons = () => events.map(({ reason }) => reason);
  return { check, clock, events, reasons, [Symbol.asyncDispose]: check.close };
}

/** What a service that is out of order may do. */
const FAILURES: Readonly<Record<string, (response: ServerResponse) => void>> = {
  refused: (response) => response.writeHead(503).end('busy'),
  unreachable: (response) => response.destroy(),
  malformed: (response) => response.end('<html>It works!</html>'),
  'too-large': (response) => {
    const suffix = sha1(STOLEN).slice(5);
    response.write(`${suffix}:7\r\n`);
    for (let lines = 0; lines < 20_000; lines += 1) response.write(`${suffix}:0\r\n`);
    response.end();
  },
};

describe('a check for breached passwords', () => {
  it('finds known passwords and no others', async () => {
    await using api = await startRangeApi();
    api.known.add(STOLEN).add('Ünïcödé wörds in a row');
    await using started = startCheck(api);
    assert.equal(await started.check.isBreached(STOLEN), true);
    assert.equal(await started.check.isBreached('Ünïcödé wörds in a row'), true);
    assert.equal(await started.check.isBreached(UNKNOWN), false);
    assert.deepEqual(started.events, []);
  });

  it('sends only five characters of a hash, asks for padding, and identifies itself', async () => {
    await using api = await startRangeApi();
    await using started = startCheck(api);
    await started.check.isBreached(STOLEN);
    const [request] = api.requests;
    assert.equal(request?.path, `/range/${sha1(STOLEN).slice(0, 5)}`);
    const { host, connection, ...headers } = request.headers;
    assert.equal(headers['add-padding'], 'true');
    assert.equal(headers['user-agent'], 'Latchkey');
    const sent = JSON.stringify([request.path, headers]).toUpperCase();
    assert.equal(sent.includes(sha1(STOLEN).slice(0, 6)), false);
    assert.doesNotMatch(sent, /COOKIE|AUTHORIZATION|REFERER|KETTLES/);
  });

  it('ignores padding', async () => {
    await using api = await startRangeApi();
    await using started = startCheck(api);
    api.answer = (response) => response.end(`${sha1(UNKNOWN).slice(5)}:0\r\n${sha1(STOLEN).slice(5)}:1\r\n`);
    assert.equal(await started.check.isBreached(UNKNOWN), false);
    assert.equal(await started.check.isBreached(STOLEN), true);
    api.answer = (response) => response.end(`${sha1(STOLEN).slice(5).toLowerCase()}:1`);
    assert.equal(await started.check.isBreached(STOLEN), true, 'mirrors may write in small letters');
  });

  it('supports a mirror below a path', async () => {
    await using api = await startRangeApi();
    await using started = startCheck({ url: new URL('/mirror/', api.url) });
    await started.check.isBreached(STOLEN);
    assert.equal(api.requests[0]?.path, `/mirror/range/${sha1(STOLEN).slice(0, 5)}`);
  });
});

describe('a failing breach service', () => {
  for (const [reason, answer] of Object.entries(FAILURES)) {
    it(`lets every password through, and is reported as ${reason}`, async () => {
      await using api = await startRangeApi();
      api.known.add(STOLEN);
      await using started = startCheck(api);
      api.answer = answer;
      assert.equal(await started.check.isBreached(STOLEN), false);
      assert.deepEqual(started.reasons(), [reason]);
      assert.doesNotMatch(JSON.stringify(started.events), new RegExp(sha1(STOLEN).slice(0, 5), 'i'));
      api.answer = null;
      assert.equal(await started.check.isBreached(STOLEN), true);
    });
  }

  it('is not followed to another address', async () => {
    await using api = await startRangeApi();
    await using elsewhere = await startRangeApi();
    await using started = startCheck(api);
    api.answer = (response) => response.writeHead(302, { location: elsewhere.url.href }).end();
    assert.equal(await started.check.isBreached(STOLEN), false);
    assert.deepEqual([started.reasons(), elsewhere.requests], [['refused'], []]);
  });

  it('is not awaited beyond the timeout, before or within its response', async () => {
    await using api = await startRangeApi();
    for (const answer of [() => {}, (response: ServerResponse) => void response.write('0')]) {
      api.answer = answer;
      await using started = startCheck(api, 20);
      assert.equal(await started.check.isBreached(STOLEN), false);
      assert.deepEqual(started.reasons(), ['timed-out']);
    }
  });

  it('is left alone after three failures in a row, and tried by one request half a minute later', async () => {
    await using api = await startRangeApi();
    api.known.add(STOLEN);
    await using started = startCheck(api);
    const { check, clock } = started;
    const askOften = async () => {
      const answers = await Promise.all(Array.from({ length: 5 }, () => check.isBreached(STOLEN)));
      return answers.filter(Boolean).length;
    };
    const broken = (response: ServerResponse) => void response.writeHead(500).end();
    api.answer = broken;
    for (let time = 0; time < 3; time += 1) await check.isBreached(STOLEN);
    assert.deepEqual([await askOften(), api.requests.length], [0, 3]);
    clock.advance(30 * SECOND - 1);
    assert.deepEqual([await askOften(), api.requests.length], [0, 3]);
    clock.advance(1);
    assert.deepEqual([await askOften(), api.requests.length], [0, 4]);
    api.answer = null;
    clock.advance(-1);
    assert.deepEqual(
      [await askOften(), api.requests.length],
      [1, 5],
      'A59: no longer where the clock steps back',
    );
    assert.equal(await askOften(), 5);
  });

  it('A58: is sent at most fifty requests at once', async () => {
    await using api = await startRangeApi();
    await using started = startCheck(api);
    const held: ServerResponse[] = [];
    api.answer = (response) => void held.push(response);
    const asking = Array.from({ length: 60 }, () => started.check.isBreached(STOLEN));
    assert.deepEqual(
      await Promise.all(asking.slice(50)),
      Array.from({ length: 10 }, () => false),
    );
    await started.check.close();
    assert.deepEqual(
      await Promise.all(asking),
      Array.from({ length: 60 }, () => false),
    );
    assert.deepEqual(
      started.reasons(),
      Array.from({ length: 10 }, () => 'too-many'),
    );
  });
});

describe('a breach check in the background', () => {
  it('passes on what it found, and reports a failure to store it', async () => {
    await using api = await startRangeApi();
    api.known.add(STOLEN);
    await using started = startCheck(api);
    await new Promise<void>((resolve) => started.check.look(STOLEN, async () => resolve()));
    const failed = Promise.withResolvers<void>();
    started.check.look(STOLEN, async () => {
      failed.resolve();
      throw new Error('the database is away');
    });
    await failed.promise;
    await started.check.close();
    assert.deepEqual(started.reasons(), ['not-kept']);
  });
});
