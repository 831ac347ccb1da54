import type { ADA, BEN } from './people.ts';
import type { TestSystem } from './system.ts';
import type { Answer, Visitor } from './visitor.ts';

export const DEVICES_PAGE = '/account/sessions';
const FIREFOX_ON_LINUX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

type Way = { readonly userAgent?: string; readonly isRemembered?: boolean };

/** Signs somebody in who has an account, on a browser of their own. */
export async function signInOn(
  visitor: Visitor,
  person: typeof ADA | typeof BEN,
  way: Way = {},
): Promise<Visitor> {
  const { userAgent = FIREFOX_ON_LINUX, isRemembered = false } = way;
  const fields = { ...person, ...(isRemembered && { remember: 'on' }) };
  await visitor.submit('/login', fields, { 'user-agent': userAgent });
  return visitor;
}

/** Several browsers of one account. */
export async function browsersOf(
  { visitor }: Pick<TestSystem, 'visitor'>,
  person: typeof ADA | typeof BEN,
  count: number,
): Promise<readonly Visitor[]> {
  await visitor().register(person.username, person.password);
  const browsers: Visitor[] = [];
  for (let number = 0; number < count; number += 1) browsers.push(await signInOn(visitor(), person));
  return browsers;
}

export async function isSignedIn(visitor: Visitor): Promise<boolean> {
  return (await visitor.get('/api/session')).status === 200;
}

export async function sessionIdOf(visitor: Visitor): Promise<string> {
  return JSON.parse((await visitor.get('/api/session')).body).session.id;
}

/** Presses the button that ends a session, whether or not the page has it. */
export async function endSession(visitor: Visitor, session: string): Promise<Answer> {
  return visitor.post(`${DEVICES_PAGE}/end`, { csrf: await visitor.token(DEVICES_PAGE), session });
}

export async function endOtherSessions(visitor: Visitor): Promise<Answer> {
  return visitor.post(`${DEVICES_PAGE}/end-others`, { csrf: await visitor.token(DEVICES_PAGE) });
}
