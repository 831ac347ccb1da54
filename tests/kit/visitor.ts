import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import type { AccountId } from '../../src/auth/identifiers/ids.ts';
import type { Visit } from '../../src/auth/sessions/check.ts';
import type { SessionRequest } from '../../src/auth/sessions/sessions.ts';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import { flowOf } from '../../src/platform/web/index.ts';
import { english } from '../../src/platform/words/language.ts';
import type { TestSession } from '../../src/testing/index.ts';
import { START_OF_TESTS } from './clock.ts';
import type { SeenEvent } from './events.ts';
import { accountId } from './ids.ts';
import type { TestSystem } from './system.ts';

/** A response that has been read. */
export type Answer = {
  readonly status: number;
  readonly location: string | null;
  readonly headers: Headers;
  readonly body: string;
};

/** The reasons for which a JSON action was refused; none where it was done. */
export function reasonsOf({ body }: Answer): readonly string[] {
  const { problems = [] } = JSON.parse(body);
  return problems.map(({ reason }: { reason: string }) => reason);
}

export type Fields = Readonly<Record<string, string>>;
/** Headers of a request; the empty text removes a default one. */
export type HeaderFields = Readonly<Record<string, string>>;

/** A browser: it stores cookies, fills in forms, and follows no redirect by itself. */
export type Visitor = {
  /** Cookies by name, as in the browser. A test may add and remove some. */
  readonly cookies: Map<string, string>;
  readonly get: (path: string, headers?: HeaderFields) => Promise<Answer>;
  /** Opens the page with the form, then submits it with its hidden token. */
  readonly submit: (path: string, fields: Fields, headers?: HeaderFields) => Promise<Answer>;
  /** Submits fields as they are, without opening the form first; `FormData` as multipart. */
  readonly post: (path: string, fields: Fields | FormData, headers?: HeaderFields) => Promise<Answer>;
  /** The hidden token of the form on a page. */
  readonly token: (path: string) => Promise<string>;
  /** Posts JSON, as a script of our own pages would. */
  readonly postJson: (path: string, fields: object, headers?: HeaderFields) => Promise<Answer>;
  readonly register: (username: string, password: string, email?: string) => Promise<Answer>;
  readonly signIn: (username: string, password: string) => Promise<Answer>;
  readonly signOut: () => Promise<Answer>;
};

export function createVisitor(fetch: (request: Request) => Promise<Response>, origin: string): Visitor {
  const cookies = new Map<string, string>();

  const send = async (path: string, { headers, ...init }: RequestInit & { headers: HeaderFields }) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = Object.entries({ accept: 'text/html', cookie, ...headers }).filter(
      ([, value]) => value !== '',
    );
    const request = new Request(new URL(path, origin), { ...init, headers: all, redirect: 'manual' });
    const response = await fetch(request);
    for (const line of response.headers.getSetCookie()) {
      const { name, value, maximumAge } = parseSetCookie(line);
      if (maximumAge === 0) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answerFrom(response);
  };
  const get = (path: string, headers: HeaderFields = {}) => send(path, { headers });
  const post = (path: string, fields: Fields | FormData, headers: HeaderFields = {}) => {
    const isMultipart = fields instanceof FormData;
    const type: HeaderFields = isMultipart ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    return send(path, {
      method: 'POST',
      body: isMultipart ? fields : new URLSearchParams(fields).toString(),
      headers: { ...type, origin, 'sec-fetch-site': 'same-origin', ...headers },
    });
  };
  const postJson = (path: string, fields: object, headers: HeaderFields = {}) =>
    send(path, {
      method: 'POST',
      body: JSON.stringify(fields),
      headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin', ...headers },
    });
  const token = async (path: string) => tokenIn((await get(path)).body);
  const submit = async (path: string, fields: Fields, headers: HeaderFields = {}) =>
    post(path, { csrf: await token(path), ...fields }, headers);

  return {
    cookies,
    get,
    post,
    submit,
    token,
    postJson,
    register: (username, password, email) =>
      submit('/register', { username, password, ...(email !== undefined && { email }) }),
    signIn: (username, password) => submit('/login', { username, password }),
    signOut: () => submit('/logout', {}),
  };
}

/** Gives a browser a session that `latchkey/testing` has begun. */
export function enterSession({ cookies }: Visitor, session: Pick<TestSession, 'cookies'>): void {
  for (const { name, value } of session.cookies) cookies.set(name, value);
}

/** The value of the hidden field that protects a form; throws if there is no form. */
export function tokenIn(page: string): string {
  const token = /name="csrf" value="([^"]+)"/.exec(page)?.[1];
  if (token === undefined) throw new Error(`no form on this page: ${page.slice(0, 500)}`);
  return token;
}

/** A browser with the current cookies of another one. */
export function copyOf({ visitor }: Pick<TestSystem, 'visitor'>, original: Visitor): Visitor {
  const copy = visitor();
  for (const [name, value] of original.cookies) copy.cookies.set(name, value);
  return copy;
}

/** The path that a response redirects to, without query and fragment. */
export function pathTo({ location }: Answer): string | null {
  return location?.split('?')[0] ?? null;
}

/** The value of the newest cookie for a kind of flow in a browser. */
export function newestFlow({ cookies }: Pick<Visitor, 'cookies'>, kind: string): string | undefined {
  const names = [...cookies.keys()].filter((name) => name.startsWith(`latchkey-${kind}-`));
  return cookies.get(String(names.at(-1)));
}

/** Gives a browser the cookie of a flow, as if the flow had begun there. @param token the source of its handle */
export function plantFlow(visitor: Visitor, kind: string, token: string, value = token): void {
  visitor.cookies.set(`latchkey-${kind}-${flowOf(token)}`, value);
}

async function answerFrom(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, headers, location: headers.get('location'), body: await response.text() };
}

/** One `Set-Cookie` header, parsed. */
export type SetCookie = {
  readonly name: string;
  readonly value: string;
  /** In seconds; undefined for a cookie that ends with the browser. */
  readonly maximumAge: number | undefined;
  /** Attributes in lower case, those without a value with the empty text. */
  readonly attributes: ReadonlyMap<string, string>;
};

export function parseSetCookie(line: string): SetCookie {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
  const separator = pair.indexOf('=');
  const attributes = new Map(
    rest.map((part) => {
      const [name = '', value = ''] = part.split('=');
      return [name.toLowerCase(), value] as const;
    }),
  );
  const age = attributes.get('max-age');
  return {
    name: pair.slice(0, separator),
    value: pair.slice(separator + 1),
    maximumAge: age === undefined ? undefined : Number(age),
    attributes,
  };
}

/** Passphrases that the policy accepts and that contain nothing about their users. */
export const ADA = { username: 'Ada', password: 'nine copper kettles sing' } as const;
export const BEN = { username: 'Ben', password: 'seven paper boats at dusk' } as const;
export const WRONG_PASSWORD = 'eight wooden spoons in june';

/** The address that an event came from; null for an event without a request. */
export function addressOf(event: SeenEvent | undefined): string | null {
  return event?.address ?? null;
}

export const SESSION = 'latchkey';
/** The default time after which a token is replaced, in milliseconds. */
export const ROTATE = 10 * MINUTE;

/** Ada, who has registered and signed in, and her token. */
export async function signedIn(system: TestSystem) {
  const ada = system.visitor();
  await ada.register(ADA.username, ADA.password);
  await ada.signIn(ADA.username, ADA.password);
  return { ada, token: String(ada.cookies.get(SESSION)) };
}

export async function accountOf({ system }: TestSystem) {
  return { id: accountId(await system.core.accounts.find(ADA.username)) };
}

/** Advances the clock and has the visitor's token replaced. */
export async function rotateToken(system: TestSystem, visitor: Visitor): Promise<string> {
  system.clock.advance(ROTATE);
  const successor = newToken(await visitor.get('/api/session'));
  if (successor === null) throw new Error('no other token was given');
  return successor;
}

/** Presents a token in a new browser. */
export function presentToken({ fetch, origin }: TestSystem, token: string): Promise<Answer> {
  const visitor = createVisitor(fetch, origin);
  visitor.cookies.set(SESSION, token);
  return visitor.get('/api/session');
}

/** The line of a response that sets the session's cookie. */
export function sessionCookie({ headers }: Answer): string | null {
  return headers.getSetCookie().find((line) => line.startsWith(`${SESSION}=`)) ?? null;
}

/** The new token in a response, or null. */
export function newToken(answer: Answer): string | null {
  return /^latchkey=([^;]+)/.exec(sessionCookie(answer) ?? '')?.[1] ?? null;
}

/** The input of a sign-in by password, in a browser without a session. */
export function sessionRequest(accountId: AccountId, own: Partial<SessionRequest> = {}): SessionRequest {
  const device = { userAgent: 'a browser', address: '192.0.2.1' };
  const proof = { by: 'password', at: START_OF_TESTS } as const;
  const first = { method: 'password', isRemembered: false, device, proof, secondFactor: null };
  return { accountId, ...first, replaced: null, ...own };
}

/** A request whose response can carry a new token. */
export function visit(now: number, own: Partial<Visit> = {}): Visit {
  const device = { userAgent: 'a browser', address: '192.0.2.1' };
  const client = { ...device, language: english };
  return { now, address: () => device.address, client: () => client, canRotate: true, ...own };
}

/**
 * The observable content of a response, without what differs each time: the values of cookies and the token of a form.
 */
export function responseText({ status, location, headers, body }: Answer): string {
  const cookies = headers.getSetCookie().map((cookie) => cookie.replace(/(-[\w-]{16})?=[^;]*/, ''));
  const plain = body.replace(/name="csrf" value="[^"]+"/g, '');
  return JSON.stringify({ status, location, cookies, names: [...headers.keys()].toSorted(), plain });
}

/** The same with every header and the attributes of cookies, to compare responses byte by byte. */
export function comparableResponse({ status, headers, body }: Answer): string {
  const shown = [...headers].map(([name, value]) => [
    name,
    name === 'set-cookie' ? value.replace(/^([^=]+)=[^;]+/, '$1=RANDOM') : value,
  ]);
  const plain = body
    .replaceAll(/name="(csrf|opened)" value="[^"]+"/g, 'TOKEN')
    .replaceAll(/data-challenge="[^"]+"/g, 'CHALLENGE');
  // The handle of a flow is derived from its token.
  const isHandle = /\b(flow=|latchkey-[a-z]+-)[\w-]{16}(?![\w-])/g;
  return JSON.stringify([status, shown, plain]).replaceAll(isHandle, '$1HANDLE');
}

export const DEVICES_PAGE = '/account/sessions';
const FIREFOX_ON_LINUX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

type Way = { readonly userAgent?: string; readonly isRemembered?: boolean };

/** Signs a user with an account in, in a new browser. */
export async function signInOn(
  visitor: Visitor,
  credentials: typeof ADA | typeof BEN,
  way: Way = {},
): Promise<Visitor> {
  const { userAgent = FIREFOX_ON_LINUX, isRemembered = false } = way;
  const fields = { ...credentials, ...(isRemembered && { remember: 'on' }) };
  await visitor.submit('/login', fields, { 'user-agent': userAgent });
  return visitor;
}

/** Several browsers of one account. */
export async function browsersOf(
  { visitor }: Pick<TestSystem, 'visitor'>,
  credentials: typeof ADA | typeof BEN,
  count: number,
): Promise<readonly Visitor[]> {
  await visitor().register(credentials.username, credentials.password);
  const browsers: Visitor[] = [];
  for (let number = 0; number < count; number += 1) browsers.push(await signInOn(visitor(), credentials));
  return browsers;
}

export async function isSignedIn(visitor: Visitor): Promise<boolean> {
  return (await visitor.get('/api/session')).status === 200;
}

export async function sessionIdOf(visitor: Visitor): Promise<string> {
  return JSON.parse((await visitor.get('/api/session')).body).session.id;
}

/** Submits the form that ends a session, whether or not the page has its button. */
export async function endSession(visitor: Visitor, session: string): Promise<Answer> {
  return visitor.post(`${DEVICES_PAGE}/end`, { csrf: await visitor.token(DEVICES_PAGE), session });
}

export async function endOtherSessions(visitor: Visitor): Promise<Answer> {
  return visitor.post(`${DEVICES_PAGE}/end-others`, { csrf: await visitor.token(DEVICES_PAGE) });
}

/** An attacker who knows Ada's password signs in to her account. */
export async function signInAsThief(system: TestSystem): Promise<Visitor> {
  const visitor = system.visitorFrom(newAddress());
  assert.equal((await visitor.signIn(ADA.username, ADA.password)).location, '/dashboard');
  return visitor;
}

export const NEW_PASSWORD = 'four grey herons on a pier';
export const PASSWORD_PAGE = '/account/password';
export const DELETION_PAGE = '/account/delete';

/** The fields of the sign-in form. */
export type Credentials = { readonly username: string; readonly password: string };

/** Signs a user in in a browser, by the password alone. */
export async function signInAs(
  visitor: Visitor,
  { username, password }: Credentials = ADA,
): Promise<Visitor> {
  assert.equal((await visitor.signIn(username, password)).location, '/dashboard');
  return visitor;
}

/** Registers a user in a browser, and signs in there. */
export async function registerAndSignIn(visitor: Visitor, credentials: Credentials = ADA): Promise<Visitor> {
  await visitor.register(credentials.username, credentials.password);
  return signInAs(visitor, credentials);
}

/** Ada, who is signed in, in a system where Ben has an account too. */
export async function signInAda({ visitor }: Pick<TestSystem, 'visitor'>, email?: string): Promise<Visitor> {
  await visitor().register(ADA.username, ADA.password, email);
  await visitor().register(BEN.username, BEN.password);
  return signInAs(visitor());
}

/** Submits the form that changes the password. @param current left out if the form does not require it */
export function changePassword(visitor: Visitor, next = NEW_PASSWORD, current?: string): Promise<Answer> {
  return visitor.submit(PASSWORD_PAGE, {
    'new-password': next,
    ...(current !== undefined && { 'current-password': current }),
  });
}

/** Requests the deletion of the account on its page. */
export async function requestDeletion(visitor: Visitor): Promise<void> {
  assert.equal((await visitor.submit(DELETION_PAGE, {})).location, '/login');
}

/** An address that is new in this run: all tests share one Redis, where addresses are counted. */
export function newAddress(): string {
  return `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
}

/** A new IPv6 network of 48 bits, without its last colons. */
export function newNetwork(): string {
  return `2001:db8:${randomInt(0x1000, 0x10000).toString(16)}`;
}
