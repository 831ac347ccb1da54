import assert from 'node:assert/strict';
import {
  createTestAuthenticator,
  type TestAuthenticator,
  type TestAuthenticatorOptions,
  type TestPasskeyResponse,
} from '../../src/testing/authenticator.ts';
import { codesIn, RECOVERY_CODES } from './second-factors.ts';
import type { TestSystem } from './system.ts';
import { type Answer, signInAs, tokenIn, type Visitor } from './visitor.ts';

export const PASSKEYS = '/account/passkeys';
export const PASSKEY_SIGN_IN = '/login/passkey';
export const PASSKEY_STEP = '/login/second-factor/passkey';
export const PASSKEY_SETUP = '/login/passkey-setup';
export const PASSKEY_REGISTER = '/register/passkey';
export const PASSKEY_UPGRADE = '/account/passkeys/upgrade';
export const PASSKEY_CONFIRM = '/account/confirm/passkey';

/** An authenticator that pages of this system ask. */
export function authenticatorFor(
  { origin }: Pick<TestSystem, 'origin'>,
  given: Partial<TestAuthenticatorOptions> = {},
): TestAuthenticator {
  return createTestAuthenticator({ origin, ...given });
}

/** The options for a passkey that the script of a page asks for. @param flow the pending sign-in that it is about */
export async function optionsFor(visitor: Visitor, action: string, flow = '') {
  const answer = await visitor.postJson(`/api${action}`, flow === '' ? {} : { flow });
  return JSON.parse(answer.body).options;
}

/** Asks for a passkey on a page as its script does, and sends what the authenticator answers. */
export async function usePasskeyOn(
  visitor: Visitor,
  { page, action = page }: { readonly page: string; readonly action?: string },
  answer: (options: unknown) => object,
): Promise<Answer> {
  const opened = await visitor.get(page);
  const [, flow] = /data-flow="([\w-]+)"/.exec(opened.body) ?? [];
  const credential = JSON.stringify(answer(await optionsFor(visitor, action, flow)));
  return visitor.post(action, { csrf: tokenIn(opened.body), credential });
}

export function addPasskey(visitor: Visitor, authenticator: TestAuthenticator): Promise<Answer> {
  return usePasskeyOn(visitor, { page: PASSKEYS }, authenticator.create);
}

export function signInWithPasskey(visitor: Visitor, authenticator: TestAuthenticator): Promise<Answer> {
  return usePasskeyOn(visitor, { page: '/login', action: PASSKEY_SIGN_IN }, authenticator.get);
}

/** What an authenticator would send that makes a passkey with a credential id of another one, as a forger does. */
export function withCredentialId(created: TestPasskeyResponse, id: string): TestPasskeyResponse {
  const { attestationObject, ...others } = created.response;
  const bytes = Buffer.from(String(attestationObject), 'base64url');
  Buffer.from(id, 'base64url').copy(bytes, bytes.indexOf(Buffer.from(created.id, 'base64url')));
  const response = { ...others, attestationObject: bytes.toString('base64url') };
  return { ...created, id, rawId: id, response };
}

/** What a password manager does that creates a passkey without asking its user. */
export const SILENT = { isUserPresent: false, isUserVerified: false };

/** Has the browser create a passkey by itself, as the script of the dashboard does after a password. */
export async function upgradeToPasskey(visitor: Visitor, authenticator: TestAuthenticator): Promise<Answer> {
  const credential = JSON.stringify(authenticator.create(await optionsFor(visitor, PASSKEY_UPGRADE), SILENT));
  return visitor.postJson(`/api${PASSKEY_UPGRADE}`, { credential });
}

/** The names of a new account. */
type NewNames = { readonly username: string; readonly email?: string };

/** What the script of the page for new users does: it asks for options, then sends the form with what the browser created. */
export async function registerByPasskey(
  visitor: Visitor,
  names: NewNames,
  create: (options: unknown) => object,
): Promise<Answer> {
  const { body } = await visitor.get(PASSKEY_REGISTER);
  const [, flow = ''] = /data-flow="([\w-]+)"/.exec(body) ?? [];
  const asked = await visitor.postJson(`/api${PASSKEY_REGISTER}`, { ...names, ...(flow !== '' && { flow }) });
  // As the script does, for what is wrong with the fields.
  if (asked.status !== 200) return visitor.post(PASSKEY_REGISTER, { csrf: tokenIn(body), ...names });
  const credential = JSON.stringify(create(JSON.parse(asked.body).options));
  return visitor.post(PASSKEY_REGISTER, { csrf: tokenIn(body), ...names, credential });
}

/** Registers, signs in and creates a first passkey. */
export async function registerWithPasskey(
  system: TestSystem,
  given: Partial<TestAuthenticatorOptions> = {},
  visitor = system.visitor(),
) {
  await visitor.register('Ada', 'nine copper kettles sing');
  await signInAs(visitor);
  const authenticator = authenticatorFor(system, given);
  const added = await addPasskey(visitor, authenticator);
  assert.deepEqual([added.status, added.location], [303, RECOVERY_CODES]);
  const recoveryCodes = codesIn(await visitor.get(RECOVERY_CODES));
  return { visitor, authenticator, recoveryCodes };
}
