import { z } from 'zod';
import { type Done, defineAction, definePage, type Refused, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext, Submission } from '../../auth/request-context.ts';
import { limitAddress } from '../../platform/rate-limit/index.ts';
import { deviceName, enteredOr, originOf, UNKNOWN_ADDRESS } from '../../platform/web/index.ts';
import { apiTokenNotice, apiTokensService, MOST_TOKENS } from '../api-tokens/index.ts';
import { changes, events, flashes, limits } from './definitions.ts';
import {
  type DeviceGrant,
  type DeviceGrantId,
  type DeviceGrants,
  deviceGrantIds,
  deviceGrantsService,
} from './device-grants.ts';
import type { GrantParts } from './issue-token.ts';
import { codeView, confirmView } from './pages.ts';
import { parseUserCode, userCodeText } from './user-code.ts';
import { codeWords, confirmWords } from './words.ts';

const needs = { grants: deviceGrantsService, apiTokens: apiTokensService };

/** Takes the code of a device. A link may fill it in; nothing is looked up or spent before the form is sent. */
export const codePage = definePage({
  path: '/device',
  access: 'signed-in',
  load: () => (context) => {
    const code = parseUserCode(context.query('user_code') ?? '');
    return { code: code === null ? '' : userCodeText(code) };
  },
  view: codeView,
});

/** Binds the request of the device to this user, who decides on the next page. */
export const enterCode = defineAction({
  path: '/device',
  access: 'signed-in',
  needs,
  input: z.object({ userCode: text() }),
  keeps: ['userCode'],
  reasons: {
    'code-missing': { status: 422, field: 'userCode', text: (words) => words(codeWords).missing },
    'code-refused': { status: 401, field: 'userCode', text: (words) => words(codeWords).refused },
  },
  run:
    (core, { grants }) =>
    async ({ context, form, input }) => {
      if (input.userCode.trim() === '') return { ok: false, problems: [{ reason: 'code-missing' }] };
      const attempt = await claim(core, grants, { context, form }, input.userCode);
      if (!attempt.ok) return attempt;
      const id = attempt.result;
      if (id === null) return { ok: false, problems: [{ reason: 'code-refused' }] };
      const grant = await grants.read({ accountId: context.signedIn.user.id, id });
      const data = { grant: id, client: grant?.client, scopes: grant?.scopes, device: grant?.device };
      return { ok: true, next: `/device/confirm?grant=${id}`, data };
    },
});

/** The permit is taken before the code is looked up, also when attempts race. @see RFC 8628 §5.1 */
function claim(
  core: Core,
  grants: DeviceGrants,
  { context, form }: Submission<SignedInContext>,
  typed: string,
) {
  const accountId = context.signedIn.user.id;
  const counted = [
    { limit: limits['wrong-user-codes'], key: accountId },
    ...limitAddress(limits['wrong-user-codes-from-address'], context),
  ];
  return core.throttle<DeviceGrantId | null>({ context, counted, form, subject: accountId }, async () => {
    const code = parseUserCode(typed);
    const id = code === null ? null : await grants.claim(accountId, code);
    if (id === null) core.announce(events.deviceCodeRefused, { accountId }, originOf(context));
    return { result: id, verdict: id === null ? 'failed' : 'succeeded' };
  });
}

/** Shows what the user decides about: the client, what it may do, and where its request came from. */
export const confirmPage = definePage({
  path: '/device/confirm',
  access: 'fresh',
  needs,
  load:
    (core, { grants }) =>
    async (context) => {
      const grant = await grantOf(grants, context, enteredOr(context, 'grant') ?? '');
      return grant === null ? leaveClosed(core, context) : shown(core, context, grant);
    },
  view: confirmView,
});

function leaveClosed({ pages }: Core, context: SignedInContext): Response {
  pages.flash(context, flashes.deviceRequestClosed);
  return pages.redirect('/device');
}

async function grantOf(
  grants: DeviceGrants,
  { signedIn: { user } }: SignedInContext,
  text: string,
): Promise<DeviceGrant | null> {
  const id = deviceGrantIds.parse(text);
  return id === null ? null : grants.read({ accountId: user.id, id });
}

function shown({ settings, clock }: Core, { signedIn, language }: SignedInContext, grant: DeviceGrant) {
  const { address, userAgent } = grant.device;
  return {
    ...grant,
    username: signedIn.user.username,
    userCode: userCodeText(grant.userCode),
    name: deviceName(userAgent),
    address: address === UNKNOWN_ADDRESS ? null : address,
    location: settings.geoipDatabase?.(address, language.tag) ?? null,
    now: clock(),
  };
}

/** Allows or denies, once. Allowing is a change of credentials: the device gets an API token when it asks next. */
export const decide = defineAction({
  path: '/device/confirm',
  access: 'fresh',
  needs,
  input: z.object({ grant: text(), decision: text() }),
  reasons: {
    undecided: { status: 422, text: (words) => words(confirmWords).undecided },
    'too-many-tokens': { status: 409, text: (words) => words(confirmWords).tooMany(MOST_TOKENS) },
    'request-closed': {
      status: 409,
      text: (words) => flashes.deviceRequestClosed.text(words, 0),
      instead: { next: '/device', flashes: [flashes.deviceRequestClosed] },
    },
  },
  run:
    (core, { grants, apiTokens }) =>
    async ({ context, input }) => {
      const grant = await grantOf(grants, context, input.grant);
      if (grant === null) return CLOSED;
      if (input.decision === 'allow') return allow(core, { grants, apiTokens }, context, grant);
      if (input.decision === 'deny') return deny(core, grants, context, grant);
      return { ok: false, problems: [{ reason: 'undecided' }] };
    },
});

const CLOSED = { ok: false, problems: [{ reason: 'request-closed' }] } as const;

type Decided = Done | Refused<'too-many-tokens' | 'request-closed'>;

async function deny(
  { database, announce }: Core,
  grants: DeviceGrants,
  context: SignedInContext,
  { id }: DeviceGrant,
): Promise<Decided> {
  const accountId = context.signedIn.user.id;
  if (!(await grants.decide(database.queries, { accountId, id }, 'denied'))) return CLOSED;
  announce(events.deviceDenied, { accountId, grantId: id }, originOf(context));
  return { ok: true, next: paths.apiTokens, flashes: [flashes.deviceDenied] };
}

async function allow(
  { changeCredential }: Core,
  { grants, apiTokens }: GrantParts,
  context: SignedInContext,
  { id, client }: DeviceGrant,
): Promise<Decided> {
  const accountId = context.signedIn.user.id;
  const allowed = await changeCredential(context, changes.deviceAllowed, {
    accountId,
    apply: async (transaction) => {
      if (!(await apiTokens.hasRoom(transaction, accountId))) return { ok: false, reason: 'too-many-tokens' };
      return grants.decide(transaction, { accountId, id }, 'allowed');
    },
    notice: apiTokenNotice(client),
    event: { accountId, grantId: id },
  });
  // Where the token can be revoked.
  if (allowed.ok) return { ok: true, next: paths.apiTokens, flashes: [flashes.deviceAllowed] };
  return allowed.reason === 'conflict' ? CLOSED : { ok: false, problems: [{ reason: allowed.reason }] };
}
