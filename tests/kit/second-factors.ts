import assert from 'node:assert/strict';
import { authenticatorCode } from '../../src/testing/authenticator-code.ts';
import { ADDRESS, linkTo, mailsOf, newestPath } from './mailed-links.ts';
import type { TestSystem } from './system.ts';
import { type Answer, signInAs, type Visitor } from './visitor.ts';

export const AUTHENTICATOR = '/account/authenticator';
export const RECOVERY_CODES = '/account/recovery-codes';
export const SECURITY = '/account/security';
export const FACTOR_STEP = '/login/second-factor';
export const FACTOR_SETUP = '/login/second-factor-setup';
export const AUTHENTICATOR_SETUP = '/login/authenticator-setup';
export const CODES_STEP = '/login/recovery-codes';
export const AUTHENTICATOR_STEP = '/login/authenticator';
export const RECOVERY_STEP = '/login/recovery-code';
export const LOST = '/login/lost-factor';
export const REQUEST = '/login/lost-factor/request';
export const COMPLETE = '/login/lost-factor/complete';
export const STOP_BY_MAIL = '/stop-factor-recovery';
export const STOP_HERE = '/account/stop-factor-recovery';
export const FACTOR_UNDO = '/undo-second-factor-change';

/** An authenticator app, and the recovery codes that came with it. */
export type Authenticator = {
  /** The code that it shows now, or some steps later or earlier. */
  readonly code: (steps?: number) => string;
  readonly recoveryCodes: readonly string[];
};

export function authenticatorOf(
  { clock }: { readonly clock: Pick<TestSystem['clock'], 'read'> },
  secret: string,
  recoveryCodes: readonly string[],
): Authenticator {
  return { code: (steps = 0) => authenticatorCode(secret, clock.read() + steps * 30_000), recoveryCodes };
}

/** The secret that a page offers, as its user would type it. */
export function offeredSecret({ body }: Answer): string {
  return /id="secret" type="text" value="([A-Z2-7 ]+)"/.exec(body)?.[1] ?? '';
}

export function setupIn({ body }: Answer): string {
  return /name="setup" value="([\w-]+)"/.exec(body)?.[1] ?? '';
}

/** The codes on the page that shows new ones. */
export function codesIn({ body }: Answer): readonly string[] {
  return [...body.matchAll(/<code>([0-9A-Z-]{19})<\/code>/g)].map(([, code = '']) => code);
}

/** Sets up an authenticator app for a signed-in user, and waits for its next code. */
export async function setUpAuthenticator(system: TestSystem, visitor: Visitor): Promise<Authenticator> {
  const page = await visitor.get(AUTHENTICATOR);
  const secret = offeredSecret(page);
  assert.match(secret, /^(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  const app = authenticatorOf(system, secret, []);
  const added = await visitor.submit(AUTHENTICATOR, { setup: setupIn(page), code: app.code() });
  assert.equal(added.location, RECOVERY_CODES);
  const recoveryCodes = codesIn(await visitor.get(RECOVERY_CODES));
  assert.equal(recoveryCodes.length, 10);
  nextCode(system);
  return authenticatorOf(system, secret, recoveryCodes);
}

/** Moves the clock until an authenticator app shows another code. */
export function nextCode({ clock }: Pick<TestSystem, 'clock'>): void {
  clock.advance(30_000);
}

/** Registers and signs in with an authenticator app. */
export async function registerWithAuthenticator(system: TestSystem, visitor = system.visitor()) {
  await visitor.register('Ada', 'nine copper kettles sing');
  await signInAs(visitor);
  return { visitor, app: await setUpAuthenticator(system, visitor) };
}

/** Gives the code of the app to the pending sign-in of a browser. */
export function enterFactorCode(visitor: Visitor, code: string): Promise<Answer> {
  return visitor.submit(AUTHENTICATOR_STEP, { code });
}

/** The path of the link in the newest mail about a change of second factors. */
export const factorUndoPath = (system: TestSystem, address: string = ADDRESS) =>
  newestPath(system, 'second-factor-changed', address);

/** The paths of all such links to an address, the newest first. */
export async function factorUndoPaths(system: TestSystem, address: string = ADDRESS) {
  const mails = await mailsOf(system, 'second-factor-changed');
  return mails.filter(({ to }) => to === address).map(({ text }) => linkTo('', text).path);
}

/** Sets up an authenticator app in a sign-in that requires it, and finishes it. @returns where it leads */
export async function setUpInSignIn(system: TestSystem, visitor: Visitor) {
  const page = await visitor.get(AUTHENTICATOR_SETUP);
  const secret = offeredSecret(page);
  const { code } = authenticatorOf(system, secret, []);
  const added = await visitor.submit(AUTHENTICATOR_SETUP, { setup: setupIn(page), code: code() });
  assert.equal(added.location, CODES_STEP);
  const recoveryCodes = codesIn(await visitor.get(CODES_STEP));
  assert.equal(recoveryCodes.length, 10);
  nextCode(system);
  const { location } = await visitor.submit(CODES_STEP, {});
  return { app: authenticatorOf(system, secret, recoveryCodes), location };
}
