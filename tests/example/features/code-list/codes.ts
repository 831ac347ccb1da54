import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { defineAction, definePage, flag } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { changes, emails, flashes } from './definitions.ts';
import { codesView, createdCodes } from './pages.ts';
import { countCodes, replaceCodes } from './store.ts';
import { pageWords } from './words.ts';

const CODES = 10;
const DIGITS = 12;

export const codesPage = definePage({
  path: '/account/codes',
  access: 'fresh',
  load:
    ({ database }) =>
    async ({ signedIn }) => ({ left: await countCodes(database.queries, signedIn.user.id) }),
  view: codesView,
});

/** Creates a new list, or removes the one that there is. Both forms of the page post to its path. */
export const replaceList = defineAction({
  path: '/account/codes',
  access: 'fresh',
  input: z.object({ remove: flag() }),
  reasons: { conflict: { status: 409, text: (words) => words(pageWords).conflict } },
  run:
    (core) =>
    async ({ context, input }) => {
      const codes = input.remove ? [] : Array.from({ length: CODES }, createCode);
      if (!(await changeCodes(core, context, codes)).ok)
        return { ok: false, problems: [{ reason: 'conflict' }] };
      if (input.remove) return { ok: true, next: paths.account, flashes: [flashes.codesRemoved] };
      const draw = () => core.pages.show(context, 200, createdCodes(context.words, codes));
      return { ok: true, next: paths.account, data: { codes }, draw };
    },
});

const createCode = () => `${randomInt(10 ** DIGITS)}`.padStart(DIGITS, '0');

function changeCodes({ changeCredential }: Core, context: SignedInContext, codes: readonly string[]) {
  const { user, session } = context.signedIn;
  return changeCredential(context, changes.codesChanged, {
    accountId: user.id,
    apply: async (transaction, { at: now }) => {
      await replaceCodes(transaction, user.id, { codes, now });
      return true;
    },
    notice: ({ username }) => emails.codesChanged.with({ username, page: paths.forgotPassword }),
    event: { accountId: user.id, sessionId: session.id },
  });
}
