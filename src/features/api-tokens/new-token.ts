import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { apiTokenNotice, apiTokensService, type MadeToken, parseTokenName } from './api-tokens.ts';
import { changes, MOST_TOKENS } from './definitions.ts';
import { offeredDays, parseLifetime } from './lifetimes.ts';
import { createdTokenView, newTokenView, scopeField } from './pages.ts';
import { LONGEST_NAME } from './store.ts';
import { newTokenWords } from './words.ts';

const PATH = '/account/tokens/new';

export const newTokenPage = definePage({
  path: PATH,
  access: 'fresh',
  needs: { apiTokens: apiTokensService },
  load:
    (_core, { apiTokens: { scopes, longest } }) =>
    () => ({ scopes, days: offeredDays(longest) }),
  view: newTokenView,
});

/**
 * Creates a token and shows it in the response to the form: no address leads to it, and it is stored nowhere. Each scope
 * is a checkbox `scope-` with its name.
 */
export const createToken = defineAction({
  path: PATH,
  access: 'fresh',
  needs: { apiTokens: apiTokensService },
  input: z.object({ name: text(), expires: text() }),
  keeps: ['name', 'expires', 'scope-'],
  reasons: {
    'name-invalid': {
      status: 422,
      field: 'name',
      text: (words) => words(newTokenWords).nameInvalid(LONGEST_NAME),
    },
    'expiry-unknown': { status: 422, field: 'expires', text: (words) => words(newTokenWords).expiryUnknown },
    'scope-missing': { status: 422, text: (words) => words(newTokenWords).scopeMissing },
    'too-many-tokens': { status: 409, text: (words) => words(newTokenWords).tooMany(MOST_TOKENS) },
    'session-ended': {
      status: 401,
      text: (words) => words(newTokenWords).sessionEnded,
      instead: { next: paths.login },
    },
  },
  run:
    (core, { apiTokens }) =>
    async ({ context, form, input }) => {
      const name = parseTokenName(input.name);
      const lifetime = parseLifetime(input.expires, apiTokens.longest);
      const scopes = apiTokens.scopes.filter((scope) => form.text(scopeField(scope)) !== '');
      const isScopeMissing = scopes.length === 0 && apiTokens.scopes.length > 0;
      if (name === null || lifetime === null || isScopeMissing)
        return {
          ok: false,
          problems: [
            ...(name === null ? [{ reason: 'name-invalid' as const }] : []),
            ...(lifetime === null ? [{ reason: 'expiry-unknown' as const }] : []),
            ...(isScopeMissing ? [{ reason: 'scope-missing' as const }] : []),
          ],
        };
      const accountId = context.signedIn.user.id;
      const made = apiTokens.make({ accountId, name, scopes, lifetime }, core.clock());
      const created = await core.changeCredential(context, changes.apiTokenCreated, {
        accountId,
        apply: (transaction) => apiTokens.insert(transaction, made),
        notice: apiTokenNotice(name),
        event: { accountId, tokenId: made.id },
      });
      if (!created.ok)
        return {
          ok: false,
          problems: [{ reason: created.reason === 'conflict' ? 'session-ended' : created.reason }],
        };
      const { token, id, row } = made;
      const data = { token, id, name, scopes, expiresAt: isoTime(row.expires_at) };
      return { ok: true, next: paths.apiTokens, data, draw: () => showOnce(core, context, made) };
    },
});

/** The same for a form that is sent twice at once, as its first response may have been lost. */
function showOnce(core: Core, context: SignedInContext, { token, row: { name } }: MadeToken) {
  context.keepsPage = true;
  return core.pages.show(context, 200, createdTokenView(context.words, { token, name }));
}
