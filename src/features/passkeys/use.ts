import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import type { RequestContext, Submission } from '../../auth/request-context.ts';
import type { Done, Problem, Reason, Refused } from '../../platform/outcomes/index.ts';
import { limitAddress, type Throttled } from '../../platform/rate-limit/index.ts';
import { transact } from '../../platform/sql/index.ts';
import { originOf } from '../../platform/web/index.ts';
import { type Use as Ceremony, createChallenges } from './challenges.ts';
import { emails, events, limits } from './definitions.ts';
import type { CountPasskey } from './metrics.ts';
import { PAGE } from './paths.ts';
import { relyingPartyOf, requestOptions } from './relying-party.ts';
import { type AuthenticationResponse, parseAuthentication } from './responses.ts';
import {
  findPasskey,
  hasPasskey,
  insertSpentChallenge,
  type NotedUse,
  noteUse,
  type Passkey,
  passkeysOf,
} from './store.ts';
import { verifyUse } from './verification.ts';
import { ceremonyWords } from './words.ts';

/** The reasons for which a passkey is refused, wherever it is used. */
export const useReasons = {
  'passkey-unknown': { status: 401, text: (words) => words(ceremonyWords).unknown },
  'passkey-refused': { status: 401, text: (words) => words(ceremonyWords).refused },
  'passkey-expired': { status: 409, text: (words) => words(ceremonyWords).expired },
  'user-not-verified': { status: 401, text: (words) => words(ceremonyWords).notVerified },
} as const satisfies Readonly<Record<string, Reason<never>>>;

const REASONS = {
  challenge: 'passkey-expired',
  invalid: 'passkey-refused',
  'user-not-verified': 'user-not-verified',
} as const;

/** What a client reads of why a response was refused. */
export function reasonFor(refusal: keyof typeof REASONS): (typeof REASONS)[keyof typeof REASONS] {
  return REASONS[refusal];
}

type UseProblem = Problem<keyof typeof useReasons>;

type Attempt = {
  readonly ceremony: Ceremony;
  /** The account that the ceremony is about; null where the passkey says whose it is. */
  readonly subject: AccountId | null;
  /** What the browser sent. */
  readonly credential: string;
};

/** What a passkey proves; a problem with the account that it claims to be of, for the audit log. */
type Used =
  | { readonly ok: true; readonly passkey: Passkey }
  | { readonly ok: false; readonly problem: UseProblem; readonly accountId: AccountId | null };

type Answering<Name extends string> = Attempt & {
  /** The page with the button. */
  readonly page: string;
  /** Reports a passkey that was refused. @param accountId the account that it claims to be of */
  readonly refuse: (accountId: AccountId | null) => void;
  /** What a passkey leads to. */
  readonly accept: (passkey: Passkey) => Promise<Done | Refused<Name>>;
};

/**
 * Answers a page with the button for a passkey. Without a response of an authenticator, API clients get the options for one,
 * and browsers the page.
 */
export async function answerUse<Name extends string = never>(
  core: Core,
  count: CountPasskey,
  submission: Submission,
  { page, refuse, accept, ...attempt }: Answering<Name>,
): Promise<Done | Refused<Name | keyof typeof useReasons>> {
  const { ceremony, subject, credential } = attempt;
  if (credential === '') {
    const challenge = createChallenges(core).create(submission.context, { ceremony, subject });
    const allowed = subject === null ? null : await passkeysOf(core.database.queries, subject);
    const options = requestOptions(relyingPartyOf(core), { challenge, allowed });
    return { ok: true, next: page, data: { options } };
  }
  const throttled = await usePasskey(core, submission, attempt);
  if (!throttled.ok) {
    count(ceremony, 'too-many');
    return throttled;
  }
  const used = throttled.result;
  count(ceremony, used.ok ? 'accepted' : used.problem.reason);
  if (used.ok) return accept(used.passkey);
  refuse(used.accountId);
  return { ok: false, problems: [used.problem] };
}

/** Verifies a passkey and notes its use. Refused ones are counted by address, for the work that they cause. */
function usePasskey(core: Core, { context, form }: Submission, attempt: Attempt): Promise<Throttled<Used>> {
  const counted = limitAddress(limits['passkey-attempts'], context);
  return core.throttle<Used>({ context, counted, form, subject: attempt.subject }, async () => {
    const result = await attemptUse(core, context, attempt);
    return { result, verdict: result.ok ? 'succeeded' : 'failed' };
  });
}

async function attemptUse(
  core: Core,
  context: RequestContext,
  { ceremony, subject, credential }: Attempt,
): Promise<Used> {
  const response = parseAuthentication(credential);
  if (response === null) return refused('passkey-refused', subject);
  const passkey = await findPasskey(core.database.queries, response.id);
  if (passkey === null) return refused('passkey-unknown', subject);
  return verify(core, context, { ceremony, subject, passkey, response });
}

function refused(reason: UseProblem['reason'], accountId: AccountId | null): Used {
  return { ok: false, problem: { reason }, accountId };
}

type Found = Omit<Attempt, 'credential'> & {
  readonly passkey: Passkey;
  readonly response: AuthenticationResponse;
};

async function verify(core: Core, context: RequestContext, found: Found): Promise<Used> {
  const { database, clock } = core;
  const { passkey } = found;
  const verified = await verifyUse(core, context, found);
  if (!verified.ok) return refused(reasonFor(verified.reason), passkey.accountId);
  const use: NotedUse = { ...verified.use, now: clock() };
  // The challenge and the counter in one transaction: of two requests with one response, one is accepted (A41).
  const noted = await transact(
    database,
    async (transaction) => {
      await insertSpentChallenge(transaction, verified.challenge);
      return { ok: await noteUse(transaction, passkey.id, use) };
    },
    database.isUniqueViolation,
  );
  if (noted.ok) return { ok: true, passkey };
  if ('reason' in noted) return refused('passkey-expired', passkey.accountId);
  if (await hasPasskey(database.queries, passkey.accountId, passkey.id))
    await reportCopy(core, context, passkey);
  return refused('passkey-refused', passkey.accountId);
}

/** The counter went back, although the signature is right: the owner is notified. */
async function reportCopy(core: Core, context: RequestContext, { id, accountId, name }: Passkey) {
  const { database, notices, clock, announce } = core;
  const occasion = notices.occasionOf(clientOf(context), clock());
  await database.transaction((transaction) =>
    notices.queue(transaction, {
      accountId,
      occasion,
      write: ({ username }) => emails.passkeyCopied.with({ username, page: PAGE, passkey: name }),
    }),
  );
  announce(events.passkeyCopied, { accountId, passkeyId: id }, originOf(context));
}
