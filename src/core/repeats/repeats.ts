import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Clock, type Pause, SECOND } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { RequestContext } from '../http/context.ts';
import { type CookieName, type Cookies, isCookieName } from '../http/cookies.ts';
import { sign } from '../http/signatures.ts';
import { Overloaded } from '../limits.ts';
import { createSeal, openValue, sealValue } from '../sealing.ts';
import type { Secrets } from '../secrets.ts';
import { hashToken } from '../tokens.ts';
import { deleteRequest, findRequest, insertRequest, keepOutcome, type RepeatRow } from './store.ts';

/** How long the outcome of a request is kept for its repetition, in milliseconds. */
const KEPT = 30 * SECOND;
/** Where a node has died over a request, an equal one does it after this time, in milliseconds. */
const LONGEST_WORK = 15 * SECOND;
/** How often and how many times it is asked whether the first of several equal requests has finished. */
const INTERVAL = 100;
const MAX_LOOKS = 100;

/** A request that may arrive twice. */
export type Repeatable = {
  /** What makes two requests equal: where they go, and all that they bring. */
  readonly parts: readonly string[];
  /** What only the browser that sent it shows; null where it shows nothing, and so can only be led on. */
  readonly browser: string | null;
};

/**
 * The second of two equal requests, such as a double click, a POST that was retried because its answer was lost, or a
 * callback that arrives twice, is answered with the outcome of the first, and nothing is done twice (A66).
 */
export type Repeats = {
  /**
   * Does the work of a request unless an equal one has succeeded within the last half minute, which is when it redirected.
   * Of several at once one does it, on all nodes, and the others wait. What failed may be tried again.
   */
  readonly once: (
    context: RequestContext,
    request: Repeatable,
    work: () => Promise<Response>,
  ) => Promise<Response>;
};

export type RepeatParts = {
  readonly database: Database;
  readonly secrets: Secrets;
  readonly cookies: Cookies;
  readonly redirect: (path: string, more?: Record<string, string>) => Response;
  readonly clock: Clock;
  readonly pause: Pause;
};

const cookieName = z.custom<CookieName>((name) => typeof name === 'string' && isCookieName(name));

const outcomeSchema = z.object({
  location: z.string(),
  clears: z.string().nullable(),
  cookies: z.array(z.tuple([cookieName, z.string()])),
});

type Outcome = z.infer<typeof outcomeSchema>;

type Parts = RepeatParts & {
  readonly seal: ReturnType<typeof createSeal>;
  /** The requests that this node is at. */
  readonly underWay: Map<string, Promise<unknown>>;
};

export function createRepeats(given: RepeatParts): Repeats {
  const keys = given.secrets.keys('repeat');
  const parts: Parts = { ...given, seal: createSeal(given.secrets, 'repeat-outcome'), underWay: new Map() };
  return {
    once: async (context, { parts: what, browser }, work) => {
      const name = sign(keys, what);
      const hash = Buffer.from(name, 'base64url');
      for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
        const mine = browser === null ? null : await claim(parts, hash, browser);
        if (mine !== null) return perform(parts, context, { name, row: mine }, work);
        const row = await findRequest(parts.database, hash);
        if (row === undefined) {
          if (browser === null) return work();
        } else if (row.outcome !== null) {
          return answerAgain(parts, context, row, browser) ?? work();
        } else {
          await (parts.underWay.get(name) ?? parts.pause(INTERVAL));
        }
      }
      throw new Overloaded();
    },
  };
}

/** @returns the row of this request, or null where an equal one has its own */
async function claim(
  { database, clock }: Parts,
  hash: Uint8Array,
  browser: string,
): Promise<RepeatRow | null> {
  const now = clock();
  const row = {
    request_hash: hash,
    claim: randomBytes(16),
    browser_hash: hashToken(browser),
    outcome: null,
    expires_at: now + LONGEST_WORK,
  };
  if (await insertRequest(database, row)) return row;
  const other = await findRequest(database, hash);
  if (other === undefined || other.expires_at > now) return null;
  await deleteRequest(database, other);
  return (await insertRequest(database, row)) ? row : null;
}

type Performed = { readonly name: string; readonly row: RepeatRow };

async function perform(
  parts: Parts,
  context: RequestContext,
  { name, row }: Performed,
  work: () => Promise<Response>,
): Promise<Response> {
  const { promise, resolve } = Promise.withResolvers<void>();
  parts.underWay.set(name, promise);
  try {
    const response = await work();
    // The work is done, whether or not its repetition finds that.
    await record(parts, row, sealedOutcome(parts, context, row, response)).catch(() => {});
    return response;
  } catch (error) {
    // The database may be what has failed; then the row runs out by itself.
    await record(parts, row, null).catch(() => {});
    throw error;
  } finally {
    parts.underWay.delete(name);
    resolve();
  }
}

function record({ database, clock }: Parts, row: RepeatRow, outcome: Uint8Array | null): Promise<void> {
  if (outcome === null) return deleteRequest(database, row);
  return keepOutcome(database, { ...row, outcome, expires_at: clock() + KEPT });
}

/** What redirects has succeeded; every other answer may be had again. */
function sealedOutcome(
  { seal }: Parts,
  context: RequestContext,
  { request_hash }: RepeatRow,
  { status, headers }: Response,
): Uint8Array | null {
  const location = headers.get('location');
  if (status !== 303 || location === null) return null;
  const cookies = [...context.cookies];
  const outcome: Outcome = { location, clears: headers.get('clear-site-data'), cookies };
  return sealValue(seal, outcome, Buffer.from(request_hash).toString('hex'));
}

/**
 * The same browser gets the same cookies again, because the answer with them may have been lost. One that shows the
 * session that came of it has had them, and is led on. @returns null for every other
 */
function answerAgain(
  { seal, cookies, redirect, clock }: Parts,
  context: RequestContext,
  { request_hash, browser_hash, outcome: sealed, expires_at }: RepeatRow,
  browser: string | null,
): Response | null {
  if (sealed === null || expires_at <= clock()) return null;
  const outcome = openValue(seal, outcomeSchema, sealed, Buffer.from(request_hash).toString('hex'));
  if (outcome === null) return null;
  const { location, clears } = outcome;
  const isSameBrowser = browser !== null && hashToken(browser).equals(browser_hash);
  if (!isSameBrowser && !hasSessionOf(cookies, context, outcome)) return null;
  if (isSameBrowser) for (const [name, line] of outcome.cookies) context.cookies.set(name, line);
  return redirect(location, clears === null || !isSameBrowser ? {} : { 'clear-site-data': clears });
}

function hasSessionOf(cookies: Cookies, { request }: RequestContext, outcome: Outcome): boolean {
  const token = cookies.read(request, 'session');
  const line = new Map<CookieName, string>(outcome.cookies).get('session');
  return token !== null && line?.split(';')[0]?.endsWith(`=${token}`) === true;
}
