import { MINUTE } from '../../src/core/clock.ts';
import { ADA } from './people.ts';
import type { TestSystem } from './system.ts';
import { type Answer, createVisitor, type Visitor } from './visitor.ts';

export const SESSION = 'latchkey';
/** After so much use a token is replaced, unless a setting says otherwise; in milliseconds. */
export const ROTATE = 10 * MINUTE;

/** Ada, who has registered and signed in, and her token. */
export async function signedIn(system: TestSystem) {
  const ada = system.visitor();
  await ada.register(ADA.username, ADA.password);
  await ada.signIn(ADA.username, ADA.password);
  return { ada, token: String(ada.cookies.get(SESSION)) };
}

export async function accountOf({ system }: TestSystem) {
  return { id: String(await system.core.accounts.find(ADA.username)) };
}

/** Lets the time come, and has the visitor's token replaced. */
export async function rotated(system: TestSystem, visitor: Visitor): Promise<string> {
  system.clock.advance(ROTATE);
  const successor = newToken(await visitor.get('/api/session'));
  if (successor === null) throw new Error('no other token was given');
  return successor;
}

/** Shows a token on a browser of its own. */
export function show({ fetch, origin }: TestSystem, token: string): Promise<Answer> {
  const somebody = createVisitor(fetch, origin);
  somebody.cookies.set(SESSION, token);
  return somebody.get('/api/session');
}

/** The line of an answer that sets the session’s cookie. */
export function sessionCookie({ headers }: Answer): string | null {
  return headers.getSetCookie().find((line) => line.startsWith(`${SESSION}=`)) ?? null;
}

/** The token that an answer puts in the place of the one shown, or null. */
export function newToken(answer: Answer): string | null {
  return /^latchkey=([^;]+)/.exec(sessionCookie(answer) ?? '')?.[1] ?? null;
}
