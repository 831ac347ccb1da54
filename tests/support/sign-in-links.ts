import assert from 'node:assert/strict';
import { SECOND } from '../../src/core/clock.ts';
import { ADDRESS } from './confirmations.ts';
import type { Engine } from './databases.ts';
import { mailsOf, startWithAda } from './resets.ts';
import type { TestOptions, TestSystem } from './system.ts';
import type { Answer, Visitor } from './visitor.ts';

export const ASK = '/login/link';
export const SENT = '/login/link/sent';
export const OPEN = '/login/link/open';

/** A system where people may sign in by mail, and where Ada has confirmed her address. */
export function startWithLinks(engine: Engine, options: TestOptions = {}): Promise<TestSystem> {
  return startWithAda(engine, { email: 'required', magicLink: 'on', ...options });
}

/** Asks for a mail, a moment later than whatever came before, and waits for what is done once the answer has gone. */
export async function askForLink(
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

/** What the newest mail to an address says. */
export async function newestLink(system: TestSystem, address: string = ADDRESS) {
  const mail = (await mailsOf(system, 'magic-link')).find(({ to }) => to === address);
  assert.ok(mail !== undefined, `no mail has gone to ${address}`);
  const link = /https?:\/\/\S+\/login\/link\/open\?token=\S+/.exec(mail.text)?.[0];
  const code = /^\s*(\d{8})$/m.exec(mail.text)?.[1];
  assert.ok(link !== undefined && code !== undefined, mail.text);
  const { origin, pathname, search } = new URL(link);
  return { origin, path: pathname + search, code };
}
