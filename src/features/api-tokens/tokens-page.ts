import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { originOf } from '../../platform/web/index.ts';
import { apiTokenIds } from './api-token.ts';
import { apiTokensService } from './api-tokens.ts';
import { events, flashes } from './definitions.ts';
import { tokensView } from './pages.ts';

const needs = { apiTokens: apiTokensService };

export const tokensPage = definePage({
  path: '/account/tokens',
  access: 'signed-in',
  needs,
  load:
    ({ clock }, { apiTokens }) =>
    async ({ signedIn: { user } }) => {
      const now = clock();
      return { tokens: await apiTokens.list(user.id, now), now };
    },
  view: tokensView,
});

/** Revokes the chosen token. The id of another account's is answered like one that does not exist (A17). */
export const revokeToken = defineAction({
  path: '/account/tokens/revoke',
  page: '/account/tokens',
  access: 'signed-in',
  needs,
  input: z.object({ token: text() }),
  reasons: {},
  run:
    ({ announce }, { apiTokens }) =>
    async ({ context, input }) => {
      const accountId = context.signedIn.user.id;
      const tokenId = apiTokenIds.parse(input.token);
      const isRevoked = tokenId !== null && (await apiTokens.revoke(accountId, tokenId));
      if (isRevoked) announce(events.apiTokenRevoked, { accountId, tokenId }, originOf(context));
      const flash = isRevoked ? flashes.tokenRevoked : flashes.tokenNotFound;
      return { ok: true, next: paths.apiTokens, flashes: [flash], data: { revoked: isRevoked ? 1 : 0 } };
    },
});

export const revokeAllTokens = defineAction({
  path: '/account/tokens/revoke-all',
  page: '/account/tokens',
  access: 'signed-in',
  needs,
  input: z.object({}),
  reasons: {},
  run:
    ({ announce }, { apiTokens }) =>
    async ({ context }) => {
      const accountId = context.signedIn.user.id;
      const count = await apiTokens.revokeAll(accountId);
      if (count > 0) announce(events.apiTokensRevoked, { accountId, count }, originOf(context));
      const flash = { flash: flashes.tokensRevoked, count };
      return { ok: true, next: paths.apiTokens, flashes: [flash], data: { revoked: count } };
    },
});
