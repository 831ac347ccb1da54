import assert from 'node:assert/strict';
import { SECOND } from '../../src/core/clock.ts';
import { ADDRESS, newestConfirmation, openAndConfirm, REQUIRED, registerAda } from './confirmations.ts';
import type { Engine } from './databases.ts';
import { ADA } from './people.ts';
import { startSystem, type TestOptions, type TestSystem } from './system.ts';
import { forgetAttempts } from './throttling.ts';
import type { Answer, Visitor } from './visitor.ts';

export const FORGOTTEN = '/forgot-password';
export const RESET = '/reset-password';

/** Asks for a mail, and waits for what is done once the answer has gone. */
export async function askForReset(system: TestSystem, visitor: Visitor, username: string): Promise<Answer> {
  const answer = await visitor.submit(FORGOTTEN, { username });
  await system.system.core.afterAnswer.settled();
  return answer;
}

/** The mails that are kept, the newest first. */
export async function mailsOf({ system }: TestSystem, name: string) {
  const mails = (await system.core.mail.mailbox?.list()) ?? [];
  return mails.filter(({ message }) => message === name);
}

/** The recipients of the mails of one name. */
export async function toldOf(system: TestSystem, name: string): Promise<readonly string[]> {
  return (await mailsOf(system, name)).map(({ to }) => to);
}

/** Where the links of the reset mails to an address lead, the newest first. */
export async function resetPathsTo(
  system: TestSystem,
  address: string = ADDRESS,
): Promise<readonly string[]> {
  const mails = await mailsOf(system, 'reset-password');
  return mails.filter(({ to }) => to === address).map(({ text }) => pathIn(text));
}

/** Asks for a mail to an address, a moment later than whatever came before, and gives the path of its link. */
export async function newReset(system: TestSystem, name: string = ADDRESS): Promise<string> {
  system.clock.advance(SECOND);
  await askForReset(system, system.visitor(), name);
  const [newest] = await mailsOf(system, 'reset-password');
  assert.ok(newest !== undefined, `no mail has gone to ${name}`);
  return pathIn(newest.text);
}

/** Opens a link and sends the form behind it. */
export async function openAndReset(visitor: Visitor, path: string, password: string): Promise<Answer> {
  await visitor.get(path);
  return visitor.submit(RESET, { 'new-password': password });
}

function pathIn(text: string): string {
  const link = /https?:\/\/\S+\/reset-password\?token=\S+/.exec(text)?.[0];
  assert.ok(link !== undefined, text);
  const { pathname, search } = new URL(link);
  return pathname + search;
}

/** A system where Ada has confirmed her address. */
export async function startWithAda(engine: Engine, options: TestOptions = REQUIRED): Promise<TestSystem> {
  const system = await startSystem(options, engine);
  const ada = await registerAda(system);
  await openAndConfirm(ada, (await newestConfirmation(system)).path);
  return system;
}

/** Which of some passwords let Ada in. */
export async function working(system: TestSystem, passwords: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const password of passwords) {
    await forgetAttempts(system);
    if ((await system.visitor().signIn(ADA.username, password)).location === '/dashboard')
      found.push(password);
  }
  return found;
}
