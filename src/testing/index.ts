/** For applications that test themselves: docs/testing-your-application.md. Nothing else in `src` imports this folder. */
import { TEST_SECRET_KEY } from '../platform/settings/index.ts';

export {
  createTestAuthenticator,
  type TestAuthenticator,
  type TestAuthenticatorOptions,
  type TestPasskeyResponse,
} from './authenticator.ts';
export { authenticatorCode } from './authenticator-code.ts';
export type { BrowserCookie, SignInOptions, TestSession } from './browser-session.ts';
export type { TestClock } from './clock.ts';
export { type ConnectOptions, connectTestLatchkey, type TestConnection } from './connection.ts';
export type { TestControls } from './controls.ts';
export type { TestMail, TestMails } from './mails.ts';
export { createTestLatchkey, type TestLatchkey, type TestOptions } from './test-latchkey.ts';
export type { NewTestUser, TestUser } from './users.ts';

/**
 * The `secretKey` of a server that a test reaches in another process: `connectTestLatchkey` has the same. It is public, and
 * a server with a public `https:` origin refuses to start with it.
 */
export const testSecretKey: string = TEST_SECRET_KEY;
