import assert from 'node:assert/strict';
import { SECOND } from '../../src/core/clock.ts';
import { ADA } from './people.ts';
import { mailsOf } from './resets.ts';
import type { TestSystem } from './system.ts';
import type { Answer, Visitor } from './visitor.ts';

export const PAGE = '/account/email';
export const CONFIRM = '/account/email/confirm';
export const UNDO = '/undo-email-change';
export const NEW_ADDRESS = 'countess@example.net';

/** Asks for another address, a moment later than whatever came before. */
export function askForAddress({ clock }: TestSystem, visitor: Visitor, email: string): Promise<Answer> {
  clock.advance(SECOND);
  return visitor.submit(PAGE, { email });
}

/** Where the link of the newest mail of a name to an address leads. */
async function newestPath(system: TestSystem, name: string, address: string): Promise<string> {
  const mail = (await mailsOf(system, name)).find(({ to }) => to === address);
  assert.ok(mail !== undefined, `no ${name} has gone to ${address}`);
  const link = /https?:\/\/\S+\?token=\S+/.exec(mail.text)?.[0];
  assert.ok(link !== undefined, mail.text);
  const { pathname, search } = new URL(link);
  return pathname + search;
}

export const confirmPath = (system: TestSystem, address: string = NEW_ADDRESS) =>
  newestPath(system, 'address-change-confirm', address);

export const undoPath = (system: TestSystem, address: string) =>
  newestPath(system, 'address-change-notice', address);

/** Opens a link and presses the button behind it. */
export async function openAndPress(visitor: Visitor, path: string, page: string): Promise<Answer> {
  await visitor.get(path);
  return visitor.submit(page, {});
}

/** Asks for another address and confirms it. */
export async function changeTo(system: TestSystem, visitor: Visitor, email: string): Promise<void> {
  assert.equal((await askForAddress(system, visitor, email)).location, PAGE);
  const answer = await openAndPress(visitor, await confirmPath(system, email), CONFIRM);
  assert.deepEqual([answer.status, answer.location], [303, '/account']);
}

/** The address of Ada's account, and whether it is confirmed. */
export async function addressOf({ system }: TestSystem, username: string = ADA.username) {
  const { accounts } = system.core;
  const account = await accounts.read(String(await accounts.find(username)));
  assert.ok(account !== null);
  return { email: account.email, isConfirmed: account.emailVerifiedAt !== null };
}
