import assert from 'node:assert/strict';
import { type Invitation, tokens } from '../../src/features/registration/index.ts';
import { SECOND } from '../../src/platform/runtime/clock.ts';
import { codeIn, linksIn } from '../../src/testing/mail-content.ts';
import type { Engine } from './databases.ts';
import { accountId } from './ids.ts';
import { startSystem, type TestOptions, type TestSystem } from './system.ts';
import { resetCounters } from './throttling.ts';
import { ADA, type Answer, BEN, newAddress, signInAs, type Visitor } from './visitor.ts';

export const ADDRESS = 'ada@example.org';
export const REQUIRED: TestOptions = { email: 'required' };

/** The link to a page in the text of a mail, and its path. */
export function linkTo(page: string, text: string) {
  const link = linksIn(text).find((one) => one.includes(`${page}?token=`));
  assert.ok(link !== undefined, text);
  const { origin, pathname, search } = new URL(link);
  return { link, origin, path: pathname + search };
}

/** The same with the code of the mail. */
function linkAndCodeTo(page: string, text: string) {
  const code = codeIn(text);
  assert.ok(code !== null, text);
  return { ...linkTo(page, text), code };
}

/** The content of the confirmation mails to an address, the newest first. */
export async function confirmationsTo(system: TestSystem, address: string = ADDRESS) {
  const mails = (await mailsOf(system, 'confirm-address')).filter(({ to }) => to === address);
  return mails.map(({ text }) => linkAndCodeTo('/verify-email', text));
}

export async function newestConfirmation(system: TestSystem, address: string = ADDRESS) {
  const [newest] = await confirmationsTo(system, address);
  assert.ok(newest !== undefined, `no mail has gone to ${address}`);
  return newest;
}

/** Ada registers, in a browser of her own. */
export async function registerAda(system: TestSystem): Promise<Visitor> {
  const ada = system.visitor();
  const answer = await ada.register(ADA.username, ADA.password, ADDRESS);
  assert.deepEqual([answer.status, answer.location], [303, '/login']);
  return ada;
}

/** Opens the link of a mail and presses the button of its page. */
export async function openAndConfirm(visitor: Visitor, path: string, password = '') {
  await visitor.get(path);
  return visitor.submit('/verify-email', { password });
}

/** Requests another mail, a moment later. @param page the page with the button */
export async function resend(system: TestSystem, visitor: Visitor, page: string) {
  system.clock.advance(SECOND);
  return visitor.post(`${page}/resend`, { csrf: await visitor.token(page) });
}

export async function isConfirmed({ system }: TestSystem, address: string = ADDRESS): Promise<boolean> {
  const { accounts } = system.core;
  const account = await accounts.read(accountId(await accounts.find(address)));
  assert.ok(account !== null, `nobody has ${address}`);
  return account.emailVerifiedAt !== null;
}

export const ASK = '/login/link';
export const SENT = '/login/link/sent';
export const OPEN = '/login/link/open';

/** A system with sign-in by mail, in which Ada has confirmed her address. */
export function startWithLinks(engine: Engine, options: TestOptions = {}): Promise<TestSystem> {
  return startWithAda(engine, { email: 'required', magicLink: 'on', ...options });
}

/** Requests a mail, a moment after the previous one, and waits for the work after the response. */
export async function requestLink(
  { clock, system }: TestSystem,
  visitor: Visitor,
  username: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  clock.advance(SECOND);
  const answer = await visitor.submit(ASK, { username, ...more });
  await system.core.afterAnswer.settled();
  return answer;
}

/** The text of the newest mail to an address. */
export async function newestLink(system: TestSystem, address: string = ADDRESS) {
  const mail = (await mailsOf(system, 'magic-link')).find(({ to }) => to === address);
  assert.ok(mail !== undefined, `no mail has gone to ${address}`);
  return linkAndCodeTo(OPEN, mail.text);
}

export const FORGOTTEN = '/forgot-password';
export const RESET = '/reset-password';

/** Requests a mail, and waits for the work after the response. */
export async function requestReset(system: TestSystem, visitor: Visitor, username: string): Promise<Answer> {
  const answer = await visitor.submit(FORGOTTEN, { username });
  await system.system.core.afterAnswer.settled();
  return answer;
}

/** The stored mails, the newest first. */
export async function mailsOf({ system }: TestSystem, name: string) {
  const mails = (await system.core.mail.mailbox?.list()) ?? [];
  return mails.filter(({ message }) => message === name);
}

/** The recipients of the mails of one name. */
export async function recipientsNamed(system: TestSystem, name: string): Promise<readonly string[]> {
  return (await mailsOf(system, name)).map(({ to }) => to);
}

/** The paths of the links in the reset mails to an address, the newest first. */
export async function resetPathsTo(
  system: TestSystem,
  address: string = ADDRESS,
): Promise<readonly string[]> {
  const mails = await mailsOf(system, 'reset-password');
  return mails.filter(({ to }) => to === address).map(({ text }) => resetPathIn(text));
}

/** Requests a mail to an address, a moment after the previous one, and returns the path of its link. */
export async function requestResetPath(system: TestSystem, name: string = ADDRESS): Promise<string> {
  system.clock.advance(SECOND);
  await requestReset(system, system.visitor(), name);
  const [newest] = await mailsOf(system, 'reset-password');
  assert.ok(newest !== undefined, `no mail has gone to ${name}`);
  return resetPathIn(newest.text);
}

/** Opens a link and submits the form behind it. */
export async function openAndReset(visitor: Visitor, path: string, password: string): Promise<Answer> {
  await visitor.get(path);
  return visitor.submit(RESET, { 'new-password': password });
}

/** The path of the link in a reset mail. */
export function resetPathIn(text: string): string {
  return linkTo(RESET, text).path;
}

/** A system where Ada has confirmed her address. */
export async function startWithAda(
  engine: Engine | undefined,
  options: TestOptions = REQUIRED,
): Promise<TestSystem> {
  const system = await startSystem(options, engine);
  const ada = await registerAda(system);
  await openAndConfirm(ada, (await newestConfirmation(system)).path);
  return system;
}

/** Those of the passwords that Ada can sign in with. */
export async function acceptedPasswords(
  system: TestSystem,
  passwords: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const password of passwords) {
    await resetCounters(system);
    if ((await system.visitor().signIn(ADA.username, password)).location === '/dashboard')
      found.push(password);
  }
  return found;
}

/** The token of a new invitation; by default for any address, and without reserved names. */
export function createInvitation(
  { system, clock }: TestSystem,
  { email = null, allowsReserved = false }: Partial<Invitation> = {},
): Promise<string> {
  const { oneTimeTokens, database } = system.core;
  const data = { email, allowsReserved };
  const token = { purpose: tokens.invitation, accountId: null, data };
  return oneTimeTokens.issue(database.queries, token, clock.read());
}

/** A browser that has opened the link of an invitation. */
export async function openInvitation({ visitor }: TestSystem, token: string): Promise<Visitor> {
  const invited = visitor();
  await invited.get(`/register?token=${token}`);
  return invited;
}

export const PAGE = '/account/email';
export const CONFIRM = '/account/email/confirm';
export const UNDO = '/undo-email-change';
export const NEW_ADDRESS = 'countess@example.net';

/** Requests a change of address, a moment after the previous request. */
export function requestAddressChange(
  { clock }: TestSystem,
  visitor: Visitor,
  email: string,
): Promise<Answer> {
  clock.advance(SECOND);
  return visitor.submit(PAGE, { email });
}

/** The path of the link in the newest mail of a name to an address. */
export async function newestPath(system: TestSystem, name: string, address: string): Promise<string> {
  const mail = (await mailsOf(system, name)).find(({ to }) => to === address);
  assert.ok(mail !== undefined, `no ${name} has gone to ${address}`);
  return linkTo('', mail.text).path;
}

export const confirmPath = (system: TestSystem, address: string = NEW_ADDRESS) =>
  newestPath(system, 'address-change-confirm', address);

export const undoPath = (system: TestSystem, address: string) =>
  newestPath(system, 'address-change-notice', address);

/** Opens a link and presses the button behind it. */
export async function openAndConfirmLink(visitor: Visitor, path: string, page: string): Promise<Answer> {
  await visitor.get(path);
  return visitor.submit(page, {});
}

/** Requests a change of address and confirms it. */
export async function changeAddress(system: TestSystem, visitor: Visitor, email: string): Promise<void> {
  assert.equal((await requestAddressChange(system, visitor, email)).location, PAGE);
  const answer = await openAndConfirmLink(visitor, await confirmPath(system, email), CONFIRM);
  assert.deepEqual([answer.status, answer.location], [303, '/account']);
}

/** The address of Ada's account, and whether it is confirmed. */
export async function addressOf({ system }: TestSystem, username: string = ADA.username) {
  const { accounts } = system.core;
  const account = await accounts.read(accountId(await accounts.find(username)));
  assert.ok(account !== null);
  return { email: account.email, isConfirmed: account.emailVerifiedAt !== null };
}

export const REPORT = '/not-me';

/** The path of the link in the newest notice of a sign-in. */
export async function reportPath(system: TestSystem): Promise<string> {
  const [notice] = await mailsOf(system, 'signed-in-from-new-device');
  return linkTo(REPORT, String(notice?.text)).path;
}

export const OPTIONAL: TestOptions = { email: 'optional' };
export const BY_INVITATION: TestOptions = { registration: 'invite' };
export const CONFIRM_STEP = '/login/confirm-address';

/** A browser with a new address in which a sign-in mail was requested. */
export async function visitorWithRequestedLink(
  system: TestSystem,
  name: string = ADA.username,
): Promise<Visitor> {
  const visitor = system.visitorFrom(newAddress());
  assert.equal((await requestLink(system, visitor, name)).location, SENT);
  return visitor;
}

/** Ada, who has confirmed her address, and Ben, who has none; both are signed in. */
export async function startWithAdaAndBen(engine: Engine) {
  const system = await startWithAda(engine, OPTIONAL);
  await system.visitor().register(BEN.username, BEN.password);
  return {
    system,
    ada: await signInAs(system.visitorFrom(newAddress())),
    ben: await signInAs(system.visitorFrom(newAddress()), BEN),
    [Symbol.asyncDispose]: () => system[Symbol.asyncDispose](),
  };
}
