import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createSeal, hashToken, openValue, type Secrets, sealValue } from '../../crypto/index.ts';
import { type Clock, Overloaded, type Pause, SECOND } from '../../runtime/index.ts';
import type { Database } from '../../sql/index.ts';
import type { Answers } from '../answers.ts';
import type { WebContext } from '../context.ts';
import type { Cookie, Cookies } from '../cookies.ts';
import { sign } from '../signatures.ts';
import type { RepeatTables } from './store.ts';
import { deleteRequest, findRequest, insertRequest, keepOutcome, type RepeatRow } from './store.ts';

/** How long the outcome of a request is kept for its repetition, in milliseconds. */
const KEPT = 30 * SECOND;
/** After this time, in milliseconds, an equal request does the work that a dead node has not finished. */
const MAX_WORK_TIME = 15 * SECOND;
/** How often and how many times a node looks whether the first of several equal requests has finished on another one. */
const INTERVAL = 100;
const MAX_LOOKS = 100;
/** The most equal requests at once; further ones are refused, as no browser sends as many and each holds a connection. */
const MAX_AT_ONCE = 32;

/** A request that may arrive twice. */
export type Repeatable = {
  /** What makes two requests equal: their path and their content. */
  readonly parts: readonly string[];
  /** What only its browser sends; null where there is nothing, and it can only be redirected. */
  readonly browser: string | null;
};

/**
 * The second of two equal requests, such as a double click, a POST that was retried because its answer was lost, or a
 * callback that arrives twice, is answered with the outcome of the first, and nothing is done twice (A66).
 */
export type Repeats = {
  /**
   * Does the work of a request unless an equal one has succeeded within the last half minute, with a redirect or with a
   * page that is kept. Of several at once, on all nodes, one does the work and the others wait. What failed may be tried
   * again.
   */
  readonly once: (
    context: WebContext,
    request: Repeatable,
    work: () => Promise<Response>,
  ) => Promise<Response>;
};

export type RepeatParts = {
  readonly database: Database<RepeatTables>;
  readonly secrets: Secrets;
  readonly cookies: Cookies;
  /** A browser that has the value of this cookie from a request has had its whole outcome. */
  readonly outcomeCookie: Cookie;
  readonly answers: Pick<Answers, 'redirect' | 'html' | 'json'>;
  readonly clock: Clock;
  readonly pause: Pause;
};

const outcomeSchema = z.object({
  /** The value of `Location`, empty where there is a page; null for JSON. */
  location: z.string().nullable(),
  /** The body of a page or of JSON. */
  page: z.string().nullable().default(null),
  clears: z.string().nullable(),
  cookies: z.array(z.tuple([z.string(), z.string()])),
});

type Outcome = z.infer<typeof outcomeSchema>;

type Parts = RepeatParts & {
  readonly seal: ReturnType<typeof createSeal>;
  /** The requests in progress on this node; equal ones take turns. */
  readonly turns: Map<string, Turns>;
};

type Turns = { count: number; last: Promise<void> };

export function createRepeats(given: RepeatParts): Repeats {
  const keys = given.secrets.keys('repeat');
  const parts: Parts = { ...given, seal: createSeal(given.secrets, 'repeat-outcome'), turns: new Map() };
  return {
    once: (context, { parts: what, browser }, work) => {
      const name = sign(keys, what);
      const hash = Buffer.from(name, 'base64url');
      return inTurn(parts.turns, name, async (isFirst) => {
        // The first on this node is most often the first of all: its row is inserted without looking for another.
        let row = isFirst && browser !== null ? undefined : await findRequest(parts.database, hash);
        for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
          if (row === undefined || isExpired(row, parts.clock())) {
            if (browser === null) return work();
            const mine = await claim(parts, hash, browser, row);
            if (mine !== null) return perform(parts, context, mine, work);
          } else if (row.outcome !== null) {
            return answerAgain(parts, context, { ...row, outcome: row.outcome }, browser) ?? work();
          } else {
            await parts.pause(INTERVAL);
          }
          row = await findRequest(parts.database, hash);
        }
        throw new Overloaded();
      });
    },
  };
}

/** Runs equal requests one after the other, so that many of them cost no more than as many different ones. */
async function inTurn<Result>(
  turns: Map<string, Turns>,
  name: string,
  act: (isFirst: boolean) => Promise<Result>,
): Promise<Result> {
  const mine = turns.get(name) ?? { count: 0, last: Promise.resolve() };
  if (mine.count >= MAX_AT_ONCE) throw new Overloaded();
  turns.set(name, mine);
  const { promise, resolve } = Promise.withResolvers<void>();
  const before = mine.last;
  const isFirst = mine.count === 0;
  mine.count += 1;
  mine.last = promise;
  try {
    await before;
    return await act(isFirst);
  } finally {
    mine.count -= 1;
    if (mine.count === 0) turns.delete(name);
    resolve();
  }
}

// A time further away than any row is given means that the clock was set back, which must lengthen nothing (A59).
function isExpired({ expires_at }: RepeatRow, now: number): boolean {
  return expires_at <= now || expires_at > now + Math.max(KEPT, MAX_WORK_TIME);
}

/**
 * @param old the row of an equal request, which has expired
 * @returns the row of this request, or null where an equal one has its own
 */
async function claim(
  { database, clock }: Parts,
  hash: Uint8Array,
  browser: string,
  old: RepeatRow | undefined,
): Promise<RepeatRow | null> {
  if (old !== undefined) await deleteRequest(database, old);
  const row = {
    request_hash: hash,
    claim: randomBytes(16),
    browser_hash: hashToken(browser),
    outcome: null,
    expires_at: clock() + MAX_WORK_TIME,
  };
  return (await insertRequest(database, row)) ? row : null;
}

async function perform(
  parts: Parts,
  context: WebContext,
  row: RepeatRow,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    const response = await work();
    // The work is done, also if its outcome cannot be kept.
    await sealedOutcome(parts, context, row, response)
      .then((outcome) => record(parts, row, outcome))
      .catch(() => {});
    return response;
  } catch (error) {
    // The database may have failed; then the row expires by itself.
    await record(parts, row, null).catch(() => {});
    throw error;
  }
}

function record({ database, clock }: Parts, row: RepeatRow, outcome: Uint8Array | null): Promise<void> {
  if (outcome === null) return deleteRequest(database, row);
  return keepOutcome(database, { ...row, outcome, expires_at: clock() + KEPT });
}

/**
 * A redirect is a success, and so is JSON with 200; other answers are not kept, but for a page that says so: one that
 * leads to another site, because the Content-Security-Policy lets no form redirect there, or that shows a secret once.
 */
async function sealedOutcome(
  { seal }: Parts,
  context: WebContext,
  { request_hash }: RepeatRow,
  response: Response,
): Promise<Uint8Array | null> {
  const { status, headers } = response;
  const isJson = status === 200 && context.messages !== null;
  const isPage = status === 200 && context.keepsPage && !isJson;
  const location = isPage ? '' : headers.get('location');
  if (!isJson && ((status !== 303 && !isPage) || location === null)) return null;
  const page = isPage || isJson ? await response.clone().text() : null;
  const outcome: Outcome = {
    location,
    page,
    clears: headers.get('clear-site-data'),
    cookies: [...context.cookies],
  };
  return sealValue(seal, outcome, Buffer.from(request_hash).toString('hex'));
}

/**
 * The same browser gets the same cookies again, because the answer with them may have been lost. One that shows the
 * cookie that came of it has had them, and is redirected. @returns null for every other
 */
function answerAgain(
  { seal, cookies, outcomeCookie, answers }: Parts,
  context: WebContext,
  { request_hash, browser_hash, outcome: sealed }: RepeatRow & { readonly outcome: Uint8Array },
  browser: string | null,
): Response | null {
  const outcome = openValue(seal, outcomeSchema, sealed, Buffer.from(request_hash).toString('hex'));
  if (outcome === null) return null;
  const { location, page, clears } = outcome;
  const isSameBrowser = browser !== null && hashToken(browser).equals(browser_hash);
  if (!isSameBrowser && !hasCookieOf(cookies, outcomeCookie, context, outcome)) return null;
  if (isSameBrowser) for (const [name, line] of outcome.cookies) context.cookies.set(name, line);
  const more = clears === null || !isSameBrowser ? {} : { 'clear-site-data': clears };
  if (location === null) return page === null ? null : answers.json(JSON.parse(page), more);
  if (page !== null) return answers.html(200, page, more);
  return answers.redirect(location, more);
}

function hasCookieOf(cookies: Cookies, cookie: Cookie, { request }: WebContext, outcome: Outcome): boolean {
  const value = cookies.read(request, cookie);
  const line = new Map(outcome.cookies).get(cookie.name);
  return value !== null && line?.split(';')[0]?.endsWith(`=${value}`) === true;
}
