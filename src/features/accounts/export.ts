import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import type { Batches, PersonalData } from '../../auth/slots.ts';
import { refusalHeaders, tooManyNotice } from '../../platform/rate-limit/index.ts';
import { type Clock, isoTime, SECOND } from '../../platform/runtime/index.ts';
import { isApiClient, messagePage, NO_FORM, originOf } from '../../platform/web/index.ts';
import { events, limits } from './definitions.ts';
import { personalDataOfAuth } from './personal-data.ts';
import { accountWords, exportWords } from './words.ts';

/** A download that its client has not read for this long does not block the next one. */
const STALLED_AFTER = 30 * SECOND;

/**
 * GET /account/export: all that is kept of a user, as one file of JSON. It is sent while it is read, a few records at a
 * time; one at once and a few an hour for each account.
 * @see GDPR, articles 15 and 20
 */
export function exportData(core: Core) {
  const { throttle, clock } = core;
  const underWay = createUnderWay(clock);
  return async (context: SignedInContext) => {
    const { id: accountId } = context.signedIn.user;
    if (isFromElsewhere(context)) return core.pages.redirect(paths.account);
    // It has no body, so nothing is read and nothing counted.
    if (context.request.method === 'HEAD') return core.answers.download(fileName(clock()), nothing());
    const download = underWay.start(accountId);
    if (download === null) return refuseSecond(core, context);
    const counted = [{ limit: limits.exports, key: accountId }];
    try {
      const outcome = await throttle({ context, counted, form: NO_FORM, subject: accountId }, async () => ({
        result: await begin(
          core,
          [...personalDataOfAuth(core), ...core.slots().personalData],
          context,
          download.goOn,
        ),
        verdict: 'counted',
      }));
      if (!outcome.ok) {
        download.end();
        const { text } = await tooManyNotice(context.words, outcome.refusal, clock());
        return refuse(core, context, text, refusalHeaders(outcome.refusal, clock()));
      }
      const { exportedAt, chunks } = outcome.result;
      return core.answers.download(fileName(exportedAt), await untilOver(chunks, download.end));
    } catch (error) {
      download.end();
      throw error;
    }
  };
}

/** Whether a page of another site navigated here, which could use up the downloads of the account. */
function isFromElsewhere({ request }: SignedInContext): boolean {
  const site = request.headers.get('sec-fetch-site');
  return site === 'cross-site' || site === 'same-site';
}

function fileName(exportedAt: number): string {
  return `account-${String(isoTime(exportedAt)).slice(0, 'YYYY-MM-DD'.length)}.json`;
}

async function* nothing(): AsyncGenerator<string> {}

/** Which accounts have a download under way on this node. */
function createUnderWay(clock: Clock) {
  const newest = new Map<string, { until: number }>();
  return {
    /** @returns null while another one is under way */
    start: (accountId: AccountId) => {
      if ((newest.get(accountId)?.until ?? 0) > clock()) return null;
      const own = { until: clock() + STALLED_AFTER };
      newest.set(accountId, own);
      return {
        goOn: () => {
          own.until = clock() + STALLED_AFTER;
        },
        /** A download that had stalled does not end the one that replaced it. */
        end: () => {
          if (newest.get(accountId) === own) newest.delete(accountId);
        },
      };
    },
  };
}

/** Reads what is short first, so that an outage of the database is reported before the answer begins. */
async function begin(
  { announce, clock }: Core,
  personalData: readonly PersonalData[],
  context: SignedInContext,
  onBatch: () => void,
) {
  const { id: accountId } = context.signedIn.user;
  const exportedAt = clock();
  const parts = await Promise.all(
    personalData.map(async ({ name, read }) => {
      const part = read(accountId);
      return isBatches(part) ? { name, batches: part } : { name, whole: await part };
    }),
  );
  announce(events.dataExported, { accountId }, originOf(context));
  return { exportedAt, chunks: write(String(isoTime(exportedAt)), parts, onBatch) };
}

type Part = { readonly name: string } & ({ readonly batches: Batches } | { readonly whole: unknown });

async function* write(exportedAt: string, parts: readonly Part[], onBatch: () => void) {
  yield `{"exportedAt":${JSON.stringify(exportedAt)}`;
  for (const part of parts) {
    yield `,\n${JSON.stringify(part.name)}:`;
    if ('batches' in part) yield* writeList(part.batches, onBatch);
    else yield JSON.stringify(part.whole);
  }
  yield '}\n';
}

async function* writeList(batches: Batches, onBatch: () => void) {
  let separator = '[';
  for await (const batch of batches) {
    onBatch();
    if (batch.length === 0) continue;
    yield separator + batch.map((item) => JSON.stringify(item)).join(',\n');
    separator = ',\n';
  }
  yield separator === '[' ? '[]' : ']';
}

/** The chunks, and a call once they have all been read or are no longer wanted, even where none has been read. */
async function untilOver(chunks: AsyncIterable<string>, onOver: () => void) {
  const guarded = endingWith(chunks, onOver);
  // To its first `yield`: a generator that is returned before it was begun skips its `finally`.
  await guarded.next();
  return guarded;
}

async function* endingWith(chunks: AsyncIterable<string>, onOver: () => void) {
  try {
    yield '';
    yield* chunks;
  } finally {
    onOver();
  }
}

function isBatches(part: object): part is Batches {
  return Symbol.asyncIterator in part;
}

function refuseSecond(core: Core, context: SignedInContext) {
  const more = { 'retry-after': String(STALLED_AFTER / SECOND) };
  return refuse(core, context, context.words(exportWords).underWay, more);
}

function refuse(
  { answers, pages }: Core,
  context: SignedInContext,
  text: string,
  more: Readonly<Record<string, string>>,
) {
  if (isApiClient(context.request)) return answers.problem(429, more);
  const title = context.words(exportWords).refused;
  const link = { path: paths.account, label: context.words(accountWords).title };
  return pages.show(context, 429, messagePage({ title, text, link }), more);
}
