import { z } from 'zod';
import { defineAction, definePage, flag, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { events as authEvents, type SignInRefusal } from '../../auth/definitions.ts';
import { accountOrName } from '../../auth/identifiers/account-name.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext, Submission } from '../../auth/request-context.ts';
import { type ProvenIdentity, progressOf, type SignInProgress } from '../../auth/sign-in.ts';
import { fieldWords } from '../../auth/words.ts';
import { clientNetwork, type KeyedLimit, type Throttled } from '../../platform/rate-limit/index.ts';
import { Overloaded, type QueueKey } from '../../platform/runtime/index.ts';
import { enteredOr, originOf } from '../../platform/web/index.ts';
import {
  limitSignIn,
  type Passwords,
  limits as passwordLimits,
  passwordsService,
  type SignInAttempt,
  signInKey,
  type Verification,
} from '../passwords/index.ts';
import { limits } from './definitions.ts';
import { loginView } from './pages.ts';
import { loginWords } from './words.ts';

/** A user who is signed in goes on at once; one whose sign-in was refused sees why. */
export const loginPage = definePage({
  path: '/login',
  access: 'public',
  load:
    ({ pages, settings, locations, slots }) =>
    (context) => {
      const next = locations.readNext(enteredOr(context, 'next'));
      const isRefused = context.refused !== null;
      if (context.signedIn !== null && !isRefused) return pages.redirect(locations.onward(next));
      return {
        next,
        isRequired: next !== null && !isRefused,
        canRegister: settings.registration === 'open',
        links: slots().signInLinks,
        buttons: slots().signInButtons,
      };
    },
  view: loginView,
});

/** Fields → proof → gate. One answer for all failures: it does not reveal which part was wrong (A01). */
export const login = defineAction({
  path: '/login',
  access: 'public',
  capacity: 'sign-in',
  needs: { passwords: passwordsService },
  input: z.object({ username: text(), password: text(), remember: flag(), next: text() }),
  keeps: ['username', 'remember'],
  reasons: {
    'username-missing': {
      status: 422,
      field: 'username',
      text: (words) => words(loginWords).usernameMissing,
    },
    'password-missing': {
      status: 422,
      field: 'password',
      text: (words) => words(fieldWords).passwordMissing,
    },
    'sign-in-refused': { status: 401, text: (words) => words(loginWords).refused },
  },
  run:
    (core, { passwords }) =>
    async ({ context, form, input: { username, password, remember: isRemembered, next: wanted } }) => {
      if (username.trim() === '') return { ok: false, problems: [{ reason: 'username-missing' }] };
      if (password === '') return { ok: false, problems: [{ reason: 'password-missing' }] };
      const next = core.locations.readNext(wanted);
      const credentials = { username, password, isRemembered, next };
      const attempt = await attemptSignIn(core, passwords, { context, form }, credentials);
      if (!attempt.ok) return { ok: false, reason: 'too-many', refusal: attempt.refusal };
      const { result } = attempt;
      if (!result.ok) return { ok: false, reason: 'too-many', refusal: result.refusal };
      if (result.result === null) return { ok: false, problems: [{ reason: 'sign-in-refused' }] };
      return { ok: true, ...result.result };
    },
});

type Credentials = {
  readonly username: string;
  readonly password: string;
  readonly isRemembered: boolean;
  readonly next: string | null;
};

/** Takes permits for the attempt before anything is compared (A06). */
async function attemptSignIn(
  core: Core,
  passwords: Passwords,
  { context, form }: Submission,
  credentials: Credentials,
) {
  const { accounts, devices, throttle, clock, settings } = core;
  const find = settings.email === 'required' ? accounts.findByConfirmed : accounts.find;
  const accountId = await find(credentials.username);
  const isCommonPassword = passwords.isCommon(credentials.password);
  const tried = { accountId, name: credentials.username, isCommonPassword };
  const device = await devices.known(context, accountId, clock());
  const queueKey = signInKey(device, context, tried);
  // A cookie that some account knows has passed the router; this one may know it not.
  if (passwords.isFull(queueKey.priority)) throw new Overloaded();
  const version = await passwords.version(accountId);
  const counted = [...limitSignIn(device, context, tried), limitCorrectPassword(context, tried, version)];
  return throttle<Attempted>({ context, counted, form, subject: accountId }, async () => {
    const claimed = { ...credentials, accountId, device, version, queueKey };
    const attempted = await signInWithPassword(core, passwords, { context, form }, claimed);
    const isRefused = attempted.ok && attempted.result === null;
    return { result: attempted, verdict: isRefused ? 'failed' : 'succeeded' };
  });
}

/**
 * The limit of correct passwords for one account from one address. Each costs a hash and stores records. A new password
 * starts at zero, so that an attacker who knows the old one does not lock out an owner who has reset it.
 * @param version of the password; null without one
 */
function limitCorrectPassword(
  { address }: RequestContext,
  { accountId, name }: SignInAttempt,
  version: number | null,
): KeyedLimit {
  const from = clientNetwork(address);
  const password = `${accountOrName(accountId, name)} ${version ?? ''}`;
  return { limit: passwordLimits['right-passwords'], key: `${password} ${from?.address ?? ''}` };
}

/**
 * The limit of sign-ins with one password of an account, from all addresses. A known device has a budget of its own: an
 * attacker who knows the password cannot use that up (A07).
 */
function limitSignIns(device: string | null, accountId: AccountId, version: number): KeyedLimit {
  const key = device === null ? `${accountId} ${version}` : `device ${device} ${version}`;
  return { limit: limits['sign-ins-of-account'], key };
}

type Claimed = Credentials & {
  readonly accountId: AccountId | null;
  /** Read before the password is verified, so that one that is changed at the same moment signs no user in. */
  readonly version: number | null;
  readonly queueKey: QueueKey;
  /** The browser, where the account knows it. */
  readonly device: string | null;
};

/** Null where the sign-in is refused; throttled where the account was signed in to too often. */
type Attempted = Throttled<SignInProgress | null>;

async function signInWithPassword(
  core: Core,
  passwords: Passwords,
  { context, form }: Submission,
  { accountId, device, version, password, isRemembered, next, queueKey }: Claimed,
): Promise<Attempted> {
  const verification = await passwords.verify(accountId, password, queueKey);
  if (verification === 'right' && accountId !== null && version !== null) {
    const facts = passwords.factsOf({ accountId, version, password });
    const proof = { method: 'password', credential: `${version}`, facts } as const;
    const identity = { accountId, isRemembered, next, ...proof };
    // After the password: only the owner learns that an account is signed in to often (A01).
    const counted = [limitSignIns(device, accountId, version)];
    return core.throttle({ context, counted, form, subject: accountId }, async () => {
      const progress = await enter(core, context, identity);
      return { result: progress, verdict: progress === null ? 'failed' : 'succeeded' };
    });
  }
  reportRefusal(core, context, accountId, verification);
  passwords.notifyIfDisabled(context, accountId, verification);
  return { ok: true, result: null };
}

/** @returns null where the gate refuses the sign-in */
async function enter(core: Core, context: RequestContext, identity: ProvenIdentity) {
  const outcome = await core.completeSignIn(context, identity);
  return progressOf(core.locations, outcome, identity.next);
}

function reportRefusal(
  { announce }: Core,
  context: RequestContext,
  accountId: AccountId | null,
  verification: Verification,
): void {
  const reason = refusal(accountId, verification);
  announce(authEvents.signInRefused, { accountId, reason }, originOf(context));
}

function refusal(accountId: AccountId | null, verification: Verification): SignInRefusal {
  if (verification === 'too-long') return 'password-too-long';
  if (verification === 'pepper-lost') return verification;
  if (verification === 'disabled') return 'password-disabled';
  return accountId === null ? 'unknown-account' : 'wrong-credential';
}
