import { hash } from 'node:crypto';
import type { Core } from '../../../auth/core.ts';
import { askedFrom } from '../../../auth/throttle/surfaces.ts';
import { hashToken } from '../../../platform/crypto/tokens.ts';
import { originOf, type RequestContext } from '../../../platform/web/context.ts';
import { NO_FORM, readForm } from '../../../platform/web/form.ts';
import type { ProviderClient } from '../protocol/provider-client.ts';
import { deleteUnbound, sessionOf, vouchedOfThoseWhoLeft } from '../vouched/store.ts';
import { createReadLogoutToken, type LogoutToken } from './logout-token.ts';

/** Plain OAuth 2 has no word for that somebody has signed out. */
export function tellsOfLogouts({ provider }: ProviderClient): boolean {
  return provider.protocol.kind === 'openid-connect';
}

/**
 * POST /oauth/:provider/backchannel-logout: the provider itself says that somebody has signed out there, and the sessions
 * end here that began with it. No browser has to do with it: what it says is signed, and taken once.
 * @see OpenID Connect Back-Channel Logout 1.0
 */
export function receiveLogout(core: Core, client: ProviderClient) {
  const read = createReadLogoutToken(client);
  return async (context: RequestContext): Promise<Response> => {
    const form = await readForm(context.request);
    const counted = askedFrom('wrong-logout-tokens', context);
    const heard = await core.throttle({ context, counted, form: NO_FORM, accountId: null }, async () => {
      const token = await read(form.text('logout_token'), core.clock());
      return { result: token, verdict: 'reason' in token ? 'failed' : 'succeeded' };
    });
    if (!heard.allowed) return core.answers.problem(429);
    const token = heard.result;
    if ('reason' in token) {
      const { name: provider } = client.provider;
      core.announce({ type: 'provider-failed', provider, ...token }, originOf(context));
      return refusal(core);
    }
    return (await endOnce(core, client, context, token)) ? core.answers.json({}) : refusal(core);
  };
}

// RFC 6749 §5.2, as §2.8 of Back-Channel Logout has it.
function refusal({ answers }: Core): Response {
  return answers.json({ error: 'invalid_request' }, 400);
}

function subjectOf({ issuer, id }: LogoutToken): string {
  return hash('sha256', JSON.stringify([issuer, id]), 'base64url');
}

/** @returns false where the token has been taken before; one whose work failed may come again */
async function endOnce(
  core: Core,
  client: ProviderClient,
  context: RequestContext,
  token: LogoutToken,
): Promise<boolean> {
  const counted = [{ policy: 'logout-tokens', subject: subjectOf(token) }] as const;
  const taken = await core.throttle({ context, counted, form: NO_FORM, accountId: null }, async () => {
    await endSessions(core, client, context, token);
    return { result: null, verdict: ['logout-tokens'] };
  });
  return taken.allowed;
}

/** Ends sessions, and sign-ins that still wait for a step: those no longer hold. */
async function endSessions(
  { database, sessions, announce }: Core,
  { provider: { name: provider } }: ProviderClient,
  context: RequestContext,
  { issuer, subject, sid }: LogoutToken,
): Promise<void> {
  const left = { issuer, subject, sidHash: sid === null ? null : hashToken(sid) };
  for (const id of await vouchedOfThoseWhoLeft(database.queries, left)) {
    // The database decides: either the sign-in is taken back before a session has it, and then none begins with it, or
    // there is a session, which is ended.
    if (await deleteUnbound(database.queries, id)) continue;
    const session = await sessionOf(database.queries, id);
    // Its word goes with the session.
    if (session === null || !(await sessions.end(session.accountId, session.sessionId))) continue;
    announce({ type: 'session-ended-by-provider', ...session, provider }, originOf(context));
  }
}
