import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import { MINUTE, SECOND } from '../../platform/runtime/index.ts';
import type { Id } from '../../platform/text/index.ts';
import { originOf } from '../../platform/web/index.ts';
import {
  createSessionSeal,
  factorRowsOf,
  insertFactor,
  removeFactors,
  type Sealing,
} from '../second-factors/index.ts';
import { createCodes } from './codes.ts';
import { cookies, emails, events } from './definitions.ts';
import { codesOf, insertCodes, spendCode } from './store.ts';

export const KIND = 'recovery-codes';

/** A list just made: its codes are nowhere but in the answer. */
export type NewList = { readonly id: Id; readonly codes: readonly string[] };

/** Replaces the list of an account; the account must be locked. */
export async function replaceList(
  core: Core,
  transaction: Queries,
  accountId: AccountId,
  at: number,
): Promise<NewList> {
  const isMeant = ({ kind }: { readonly kind: string }) => kind === KIND;
  await removeFactors(core, transaction, { accountId, at, isMeant });
  return createList(transaction, accountId, at);
}

async function createList(transaction: Queries, accountId: AccountId, now: number): Promise<NewList> {
  const codes = createCodes();
  const id = await insertFactor(transaction, accountId, { kind: KIND, now });
  await insertCodes(transaction, { listId: id, accountId }, codes);
  return { id, codes };
}

/** The same for an account that has no list yet; null for any other. */
export async function createMissingList(
  transaction: Queries,
  accountId: AccountId,
  now: number,
): Promise<NewList | null> {
  return (await listOf(transaction, accountId)) === null ? createList(transaction, accountId, now) : null;
}

async function listOf(queries: Queries, accountId: AccountId): Promise<Id | null> {
  const rows = await factorRowsOf(queries, accountId);
  return rows.find(({ kind }) => kind === KIND)?.id ?? null;
}

/** How many codes of an account are unused. */
export async function countUnused(queries: Queries, accountId: AccountId): Promise<number> {
  const codes = await codesOf(queries, accountId);
  return codes.filter(({ usedAt }) => usedAt === null).length;
}

/** Spends a code, and notifies the owner in the same transaction. */
export async function spend(
  core: Core,
  context: RequestContext,
  accountId: AccountId,
  typed: string,
): Promise<boolean> {
  const { announce, clock, database, notices } = core;
  const occasion = notices.occasionOf(clientOf(context), clock());
  const left = await database.transaction((transaction) =>
    spendIn(transaction, accountId, { typed, now: occasion.at }, async (unused) => {
      const write = ({ username }: { readonly username: string }) =>
        emails.recoveryCodeUsed.with({ username, left: `${unused}`, page: paths.forgotPassword });
      await notices.queue(transaction, { accountId, occasion, write });
    }),
  );
  if (left === null) return false;
  announce(events.recoveryCodeUsed, { accountId, left }, originOf(context));
  return true;
}

/** @returns how many are left; null where it is not an unused code of the account */
async function spendIn(
  transaction: Queries,
  accountId: AccountId,
  code: { readonly typed: string; readonly now: number },
  notify: (left: number) => Promise<void>,
): Promise<number | null> {
  const listId = await listOf(transaction, accountId);
  if (listId === null || !(await spendCode(transaction, { listId, accountId }, code))) return null;
  const left = await countUnused(transaction, accountId);
  await notify(left);
  return left;
}

const SHOWN_FOR = 10 * MINUTE;

const shownCodes = z.object({ listId: z.string(), codes: z.array(z.string()).readonly() });

/**
 * Codes are shown by the page that follows, from a sealed cookie: a redirect can be repeated where its answer was lost
 * (A66), the page can be reloaded, and the server keeps no code. Only the session or sign-in that made the list opens it.
 */
export function createShownList(core: Core) {
  const { cookies: jar, database } = core;
  const sealed = createSessionSeal(core, 'recovery-codes', shownCodes, SHOWN_FOR);
  return {
    keep: (context: RequestContext, sealing: Sealing, { id: listId, codes }: NewList): void => {
      const text = sealed.seal(sealing, { listId, codes });
      jar.set(context, cookies.codes, text, SHOWN_FOR / SECOND);
    },
    /** The codes, as long as they are those of the account; null for any other session or sign-in. */
    read: async (context: RequestContext, sealing: Sealing): Promise<readonly string[] | null> => {
      const text = jar.read(context.request, cookies.codes);
      const shown = text === null ? null : sealed.open(sealing, text);
      if (shown === null) return null;
      const accountId = 'accountId' in sealing ? sealing.accountId : sealing.signedIn.user.id;
      const current = await listOf(database.queries, accountId);
      return current === shown.listId ? shown.codes : null;
    },
    forget: (context: RequestContext): void => jar.clear(context, cookies.codes),
  };
}
