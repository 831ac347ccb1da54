import assert from 'node:assert/strict';
import { SECOND } from '../../src/core/clock.ts';
import { ADA } from './people.ts';
import type { TestOptions, TestSystem } from './system.ts';
import type { Visitor } from './visitor.ts';

export const ADDRESS = 'ada@example.org';
export const REQUIRED: TestOptions = { email: 'required' };

/** What the mails to an address say that ask to confirm it, the newest first. */
export async function confirmationsTo({ system }: TestSystem, address: string = ADDRESS) {
  const mails = (await system.core.mail.mailbox?.list()) ?? [];
  return mails
    .filter(({ to, message }) => to === address && message === 'confirm-address')
    .map(({ text }) => {
      const link = /https?:\/\/\S+\/verify-email\?token=\S+/.exec(text)?.[0];
      const code = /^\s*(\d{8})$/m.exec(text)?.[1];
      assert.ok(link !== undefined && code !== undefined, text);
      const { pathname, search } = new URL(link);
      return { link, code, path: pathname + search };
    });
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

/** Has another mail sent, a moment later. @param page where the button stands */
export async function resend(system: TestSystem, visitor: Visitor, page: string) {
  system.clock.advance(SECOND);
  return visitor.post(`${page}/resend`, { csrf: await visitor.token(page) });
}

export async function isConfirmed({ system }: TestSystem, address: string = ADDRESS): Promise<boolean> {
  const { accounts } = system.core;
  const account = await accounts.read(String(await accounts.find(address)));
  assert.ok(account !== null, `nobody has ${address}`);
  return account.emailVerifiedAt !== null;
}
