import type { Core } from '../../auth/core.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { isToken } from '../../platform/crypto/index.ts';
import { limitAddress, refusalHeaders, type Throttled } from '../../platform/rate-limit/index.ts';
import { SECOND } from '../../platform/runtime/index.ts';
import { deviceOf, type Form, NO_FORM, RequestRefused, readForm } from '../../platform/web/index.ts';
import type { ApiTokens } from '../api-tokens/index.ts';
import { limits } from './definitions.ts';
import { GRANT_LIFETIME, POLL_INTERVAL } from './device-grants.ts';
import { type Asked, type GrantParts, type Issued, issueToken } from './issue-token.ts';
import { deviceGrantSettings } from './settings.ts';
import { userCodeText } from './user-code.ts';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * POST /device/code: a device begins. It is no browser and has no cookies, and what it changes is a request that a user
 * has yet to see.
 * @see RFC 8628 §3.1
 */
export function receiveDeviceRequest(core: Core, { grants, apiTokens }: GrantParts) {
  return (context: RequestContext): Promise<Response> =>
    withForm(core, context, async (form) => {
      const client = clientFrom(core, form);
      if (client === null) return oauthError(core, 'invalid_client');
      const scopes = scopesFrom(apiTokens, form.text('scope'));
      if (scopes === null) return oauthError(core, 'invalid_scope');
      const counted = limitAddress(limits['device-requests'], context);
      const opened = await core.throttle({ context, counted, form: NO_FORM, subject: null }, async () => ({
        result: await grants.open(client, scopes, deviceOf(context)),
        verdict: 'counted',
      }));
      if (!opened.ok) return tooMany(core, opened);
      const { deviceCode, userCode } = opened.result;
      const page = core.locations.url('/device').href;
      return core.answers.json({
        device_code: deviceCode,
        user_code: userCodeText(userCode),
        verification_uri: page,
        verification_uri_complete: `${page}?user_code=${userCodeText(userCode)}`,
        expires_in: GRANT_LIFETIME / SECOND,
        interval: POLL_INTERVAL / SECOND,
      });
    });
}

/**
 * POST /device/token: a device asks for its token until the user has decided. A device that asks again within half a
 * minute, because the response was lost, gets the same token; later the code is spent.
 * @see RFC 8628 §3.4
 */
export function receiveTokenRequest(core: Core, parts: GrantParts) {
  return (context: RequestContext): Promise<Response> =>
    withForm(core, context, async (form) => {
      if (form.text('grant_type') !== GRANT_TYPE) return oauthError(core, 'unsupported_grant_type');
      const client = clientFrom(core, form);
      if (client === null) return oauthError(core, 'invalid_client');
      const deviceCode = form.text('device_code');
      if (!isToken(deviceCode)) return oauthError(core, 'invalid_grant');
      const asked = { client, deviceCode };
      const { state } = await parts.grants.poll(client, deviceCode);
      if (state === 'allowed') return issueOnce(core, parts, context, asked);
      if (state !== 'invalid_grant') return oauthError(core, state);
      // A code that is unknown now may have been spent by a request whose response was lost.
      const counted = limitAddress(limits['wrong-device-codes'], context);
      const again = await core.throttle({ context, counted, form: NO_FORM, subject: null }, async () => {
        const result = await issueOnce(core, parts, context, asked);
        return { result, verdict: result.status === 200 ? 'succeeded' : 'failed' };
      });
      return again.ok ? again.result : tooMany(core, again);
    });
}

function issueOnce(
  core: Core,
  parts: GrantParts,
  context: RequestContext,
  { client, deviceCode }: Asked,
): Promise<Response> {
  // Its response is JSON, which is kept.
  context.messages = [];
  const what = ['device-token', client, deviceCode];
  return core.repeats.once(context, { parts: what, browser: deviceCode }, async () =>
    answerIssued(core, await issueToken(core, parts, context, { client, deviceCode })),
  );
}

function answerIssued(core: Core, issued: Issued): Response {
  if (!issued.ok) return oauthError(core, issued.reason);
  const { token, scopes, lifetime } = issued;
  return core.answers.json({
    access_token: token,
    token_type: 'Bearer',
    expires_in: Math.floor(lifetime / SECOND),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
  });
}

/** Reads the form of a device; one that cannot be read is answered in the terms of OAuth, too. */
async function withForm(
  core: Core,
  { request }: RequestContext,
  answer: (form: Form) => Promise<Response>,
): Promise<Response> {
  let form: Form;
  try {
    form = await readForm(request);
  } catch (error) {
    if (error instanceof RequestRefused) return oauthError(core, 'invalid_request');
    throw error;
  }
  return answer(form);
}

function clientFrom({ settingsOf }: Core, form: Form): string | null {
  const { deviceClients = [] } = settingsOf(deviceGrantSettings);
  return deviceClients.find((client) => client === form.text('client_id')) ?? null;
}

/** The scopes that a device asks for; null where one is unknown, or where it has to name some and does not. */
function scopesFrom({ scopes: defined }: ApiTokens, text: string): readonly string[] | null {
  const wanted = text.split(' ').filter((scope) => scope !== '');
  const isKnown = wanted.every((scope) => defined.includes(scope));
  const isEnough = wanted.length > 0 || defined.length === 0;
  return isKnown && isEnough ? defined.filter((scope) => wanted.includes(scope)) : null;
}

/** @see RFC 6749 §5.2, RFC 8628 §3.5 */
function oauthError({ answers }: Core, error: string, more?: Readonly<Record<string, string>>): Response {
  return answers.json({ error }, more, 400);
}

function tooMany(core: Core, { refusal }: Extract<Throttled<unknown>, { readonly ok: false }>): Response {
  const { answers, clock } = core;
  return answers.json({ error: 'slow_down' }, refusalHeaders(refusal, clock()), 429);
}
