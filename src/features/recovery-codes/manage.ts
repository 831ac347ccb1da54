import { z } from 'zod';
import { defineAction, definePage, flag } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, SignedInContext } from '../../auth/request-context.ts';
import { changeFactors } from '../factor-changes/index.ts';
import { changeWords, isProtected } from '../second-factors/index.ts';
import { changes, flashes } from './definitions.ts';
import { countUnused, createShownList, type NewList, replaceList } from './list.ts';
import { codesView } from './pages.ts';
import { labelWords, pageWords } from './words.ts';

export const PAGE = '/account/recovery-codes';
export const DOWNLOAD = '/account/recovery-codes/download';

/** New codes, once; and how many are unused. */
export const codesPage = definePage({
  path: PAGE,
  access: 'fresh',
  load: (core) => {
    const shownList = createShownList(core);
    return async (context) => {
      const { user } = context.signedIn;
      if (!(await isProtected(core, user.id))) {
        core.pages.flash(context, flashes.factorFirst);
        return core.pages.redirect(paths.security);
      }
      return {
        username: user.username,
        codes: await shownList.read(context, context),
        left: await countUnused(core.database.queries, user.id),
      };
    };
  },
  view: codesView,
});

/**
 * Replaces the codes; the old ones are worthless at once, and there has to be a second factor that they replace. With `saved`
 * the browser forgets those that it shows.
 */
export const replaceCodes = defineAction({
  path: PAGE,
  access: 'fresh',
  input: z.object({ saved: flag() }),
  reasons: {
    'second-factor-missing': {
      status: 409,
      text: (words) => flashes.factorFirst.text(words, 0),
      instead: { next: paths.security, flashes: [flashes.factorFirst] },
    },
    conflict: { status: 409, text: (words) => words(pageWords).conflict },
  },
  run: (core) => {
    const shownList = createShownList(core);
    return async ({ context, input }) => {
      if (input.saved) {
        shownList.forget(context);
        return { ok: true, next: paths.security };
      }
      if (!(await isProtected(core, context.signedIn.user.id)))
        return { ok: false, problems: [{ reason: 'second-factor-missing' }] };
      const made = await change(core, context);
      if (made === null) return { ok: false, problems: [{ reason: 'conflict' }] };
      shownList.keep(context, context, made);
      return { ok: true, next: PAGE, flashes: [flashes.recoveryCodesReplaced], data: { codes: made.codes } };
    };
  },
});

async function change(core: Core, context: SignedInContext): Promise<NewList | null> {
  const { user, session } = context.signedIn;
  const label = context.words(labelWords).label;
  const made: { list: NewList | null } = { list: null };
  const changed = await changeFactors(core, context, changes.recoveryCodesReplaced, {
    accountId: user.id,
    said: context.words(changeWords).replaced(label),
    apply: async (transaction, at) => {
      made.list = await replaceList(core, transaction, user.id, at);
      return true;
    },
    event: { accountId: user.id, sessionId: session.id },
  });
  return changed.ok ? made.list : null;
}

/** GET: the codes that the page shows, as a file of text. Its address contains nothing of them. */
export function downloadCodes(core: Core) {
  const shownList = createShownList(core);
  return async (context: SignedInContext): Promise<Response> => {
    const codes = await shownList.read(context, context);
    if (codes === null) return core.pages.redirect(PAGE);
    return codesFile(core, context, context.signedIn.user.username, codes);
  };
}

export function codesFile(
  { answers, site }: Core,
  { words }: RequestContext,
  username: string,
  codes: readonly string[],
): Response {
  const text = words(pageWords).file(site.name, username);
  const disposition = { 'content-disposition': 'attachment; filename="recovery-codes.txt"' };
  return answers.text(200, `${text}\n\n${codes.join('\n')}\n`, disposition);
}
