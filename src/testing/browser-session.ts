import type { Core } from '../auth/core.ts';
import type { Feature } from '../auth/feature.ts';
import type { AccountId } from '../auth/identifiers/ids.ts';
import type { RequestContext } from '../auth/request-context.ts';
import type { SignInOutcome } from '../auth/sign-in.ts';
import { passwordsService } from '../features/passwords/index.ts';
import type { System } from '../latchkey.ts';
import { type SignedIn, signedInFrom } from '../library/user.ts';

/** A cookie as `context.addCookies` of Playwright takes it. */
export type BrowserCookie = {
  readonly name: string;
  readonly value: string;
  /** The origin that it belongs to. */
  readonly url: string;
  readonly httpOnly: true;
  readonly secure: boolean;
  readonly sameSite: 'Lax';
};

/** A signed-in browser. */
export type TestSession<Role extends string = string> = SignedIn<Role> & {
  /** The header `Cookie`. */
  readonly cookie: string;
  /** What a browser sends with a request of the application's own page: the cookies, and where the request comes from. */
  readonly headers: {
    readonly cookie: string;
    readonly origin: string;
    readonly 'sec-fetch-site': 'same-origin';
  };
  /** For `context.addCookies` of Playwright. */
  readonly cookies: readonly BrowserCookie[];
};

export type SignInOptions = {
  /** Whether the user has chosen to stay signed in. */
  readonly remember?: boolean | undefined;
};

const METHOD = 'test';

/** Signs accounts in that have no password. Only the code of a test proves an identity by it. */
export function testMethod(): Feature {
  const method = {
    name: METHOD,
    stillHolds: async () => true,
    proofOf: async (_credential: string, now: number) => ({ by: 'provider', at: now }) as const,
  };
  return { name: 'testing', routes: [], signInMethods: [method] };
}

/**
 * Begins a session as the login page does for the right password, through the same gate, in a browser that the account
 * knows.
 * @throws {Error} when the account is disabled, or something is required before its session
 */
export async function beginTestSession(
  system: System,
  accountId: AccountId,
  { remember = false }: SignInOptions = {},
): Promise<TestSession> {
  const { core } = system;
  const context = requestFrom(system, { 'user-agent': 'latchkey/testing' });
  // Otherwise a mail would notify the owner of an unknown browser.
  core.devices.remember(context, accountId, core.clock(), await core.devices.generationOf(accountId));
  const outcome = await core.completeSignIn(context, {
    accountId,
    ...(await proofOf(system, accountId)),
    isRemembered: remember,
    next: null,
    facts: [],
  });
  if (!outcome.ok) throw new Error(`the user cannot sign in: ${explain(outcome)}`);
  const cookies = cookiesOf(core, context);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const signedIn = await core.guard.signedInWithoutAnswer(requestFrom(system, { cookie }));
  if (signedIn === null) throw new Error('the session ended as soon as it began');
  const { origin } = core.settings.baseUrl;
  return {
    ...signedInFrom(signedIn),
    cookie,
    headers: { cookie, origin, 'sec-fetch-site': 'same-origin' },
    cookies,
  };
}

type Headers = Readonly<Record<string, string>>;

/** A request from a client whose address is not known. */
function requestFrom({ core, contextOf }: System, headers: Headers): RequestContext {
  return contextOf(new Request(core.settings.baseUrl, { headers }), null);
}

async function proofOf({ use }: System, accountId: AccountId) {
  const version = await use(passwordsService).version(accountId);
  return version === null
    ? { method: METHOD, credential: METHOD }
    : { method: 'password', credential: `${version}` };
}

function explain(outcome: Exclude<SignInOutcome, { ok: true }>): string {
  if (outcome.reason === 'step') return `“${outcome.step.name}” is required first, at ${outcome.path}`;
  return outcome.reason === 'account-unusable' ? 'the account is disabled or deleted' : outcome.reason;
}

function cookiesOf({ settings }: Core, { cookies }: RequestContext): readonly BrowserCookie[] {
  return [...cookies.values()].flatMap((line) => {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    // What the answer deletes, such as the cookie of a visitor, is not there.
    if (value === '') return [];
    const { origin: url } = settings.baseUrl;
    return [{ name, value, url, httpOnly: true, secure: settings.isSecure, sameSite: 'Lax' }] as const;
  });
}
