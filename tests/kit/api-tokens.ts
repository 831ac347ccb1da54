import assert from 'node:assert/strict';
import { z } from 'zod';
import { apiTokensService } from '../../src/features/api-tokens/index.ts';
import { type AnyEntry, createRouteGuard, type TokenGuardOptions } from '../../src/library/bearer.ts';
import { createTokens, type Tokens } from '../../src/library/tokens.ts';
import { HOUR } from '../../src/platform/runtime/clock.ts';
import { existingAccountId, reachInside, type TestOptions, type TestSystem } from './system.ts';
import { ADA, type Answer, type Fields, type HeaderFields, type Visitor } from './visitor.ts';

export const TOKENS_PAGE = '/account/tokens';
export const NEW_TOKEN = '/account/tokens/new';

/** An application with two scopes, and with a command line that may ask for tokens. */
export const WITH_TOKENS: TestOptions = {
  scopes: 'notes:read,notes:write',
  deviceClients: 'notes-cli',
};

export const READ: Fields = { name: 'laptop', expires: '30d', 'scope-notes:read': 'on' };

/** The token that a page shows. */
export function tokenOn({ body }: Answer): string {
  return /value="(latchkey_pat_\w+)"/.exec(body)?.[1] ?? '';
}

/** Creates a token on its page. */
export async function createTokenOn(visitor: Visitor, fields: Fields = READ): Promise<string> {
  const answer = await visitor.submit(NEW_TOKEN, fields);
  assert.equal(answer.status, 200, answer.body);
  return tokenOn(answer);
}

/** The API tokens as an application sees them. */
export function tokensOf({ system }: TestSystem): Tokens {
  return createTokens(system, Promise.resolve());
}

type Sent = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: HeaderFields;
  readonly body?: URLSearchParams;
  readonly address?: string;
};

/** A route of the application decides about a request. @param options null for a route that admits no tokens */
export function guardRoute(
  { system, origin }: TestSystem,
  options: TokenGuardOptions | null,
  { path = '/api/notes', address = '192.0.2.1', ...sent }: Sent = {},
): Promise<AnyEntry> {
  const request = new Request(origin + path, sent);
  const connection = { incoming: { socket: { remoteAddress: address } } };
  const guard = createRouteGuard(system, Promise.resolve(), () => system.contextOf(request, connection));
  return options === null ? guard(request) : guard(request, options);
}

export const bearing = (token: string): HeaderFields => ({ authorization: `Bearer ${token}` });

/** Whether a token opens a route that admits every token. */
export async function isAdmitted(system: TestSystem, token: string): Promise<boolean> {
  return (await guardRoute(system, { tokens: true }, { headers: bearing(token) })).ok;
}

/** Gives an account a token, past pages and mails. */
export async function plantApiToken(system: TestSystem, name: string = ADA.username) {
  const { core, use } = reachInside(system, 'a page would send a mail');
  const apiTokens = use(apiTokensService);
  const accountId = await existingAccountId(system, name);
  const made = apiTokens.make(
    { accountId, name: 'planted', scopes: ['notes:read'], lifetime: HOUR },
    system.clock.read(),
  );
  assert.equal(await apiTokens.insert(core.database.queries, made), true);
  return made;
}

export const DEVICE_PAGE = '/device';
export const CONFIRM_DEVICE = '/device/confirm';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';
const SCOPE = 'notes:read';

const begunSchema = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string(),
  expires_in: z.number(),
  interval: z.number(),
});

/** A device: no browser, without cookies. */
const AS_DEVICE = { 'sec-fetch-site': '', origin: '', cookie: '', 'user-agent': 'notes-cli/1.0' };

export function askForCode(system: TestSystem, fields: Fields = {}): Promise<Answer> {
  return system
    .visitor()
    .post('/device/code', { client_id: 'notes-cli', scope: SCOPE, ...fields }, AS_DEVICE);
}

/** A device begins. */
export async function beginDevice(system: TestSystem, fields: Fields = {}) {
  const answer = await askForCode(system, fields);
  assert.equal(answer.status, 200, answer.body);
  return begunSchema.parse(JSON.parse(answer.body));
}

/** A device asks for its token. */
export async function poll(system: TestSystem, deviceCode: string, fields: Fields = {}) {
  const sent = { grant_type: GRANT_TYPE, client_id: 'notes-cli', device_code: deviceCode, ...fields };
  const { status, headers, body } = await system.visitor().post('/device/token', sent, AS_DEVICE);
  const answer = z
    .object({
      error: z.string().optional(),
      access_token: z.string().optional(),
      token_type: z.string().optional(),
      expires_in: z.number().optional(),
      scope: z.string().optional(),
    })
    .parse(JSON.parse(body));
  return { status, headers, ...answer };
}

/** A user types the code of a device. @returns the page on which the user decides */
export async function enterCode(user: Visitor, code: string): Promise<string> {
  const { location, body } = await user.submit(DEVICE_PAGE, { 'user-code': code });
  assert.match(String(location), /^\/device\/confirm\?grant=/, body);
  return String(location);
}

/** The user decides on the page of a request. */
export async function decideOn(user: Visitor, page: string, decision: 'allow' | 'deny'): Promise<Answer> {
  return user.submit(page, { grant: grantIn(page), decision });
}

export function grantIn(page: string): string {
  return new URLSearchParams(page.split('?')[1]).get('grant') ?? '';
}

/** A device that a user has allowed. @returns its device code */
export async function allowDevice(system: TestSystem, user: Visitor): Promise<string> {
  const { device_code, user_code } = await beginDevice(system);
  const answer = await decideOn(user, await enterCode(user, user_code), 'allow');
  assert.equal(answer.location, TOKENS_PAGE, answer.body);
  return device_code;
}
