import assert from 'node:assert/strict';
import { type Answer, type Fields, tokenIn, type Visitor } from './visitor.ts';

/** Somebody on the way, in a browser of their own. */
export type JourneyUser = {
  readonly name: string;
  readonly password: string;
  readonly visitor: Visitor;
  /** Set once they were told that they are registered. */
  isRegistered: boolean;
  /** How often the site could not do it at once. */
  setbacks: number;
};

export function createJourneyUser(number: number, visitor: Visitor): JourneyUser {
  const password = `the long way of traveller no. ${number}`;
  return { name: `Traveller ${number}`, password, visitor, isRegistered: false, setbacks: 0 };
}

/**
 * The whole way: register, sign in, look at the dashboard, sign out. What the site cannot do at the moment is tried
 * again, as people do; everything else has to be right, and nobody else's name may be seen on the way.
 */
export async function completeJourney(user: JourneyUser): Promise<void> {
  await register(user);
  await signIn(user);
  const session = new Map(user.visitor.cookies);
  const dashboard = await open(user, '/dashboard');
  assert.equal(dashboard.status, 200, user.name);
  assert.ok(dashboard.body.includes(`<bdi>${user.name}</bdi>`), dashboard.body);
  await signOut(user);
  for (const [name, value] of session) user.visitor.cookies.set(name, value);
  assert.equal((await open(user, '/api/session')).status, 401, 'the old cookie is worth nothing');
  user.visitor.cookies.clear();
}

async function register(user: JourneyUser): Promise<void> {
  const { answer, isRepeated } = await fillIn(user, '/register', credentials(user));
  // An answer that got lost may have been a success.
  const isTaken = isRepeated && answer.status === 422;
  assert.ok(answer.status === 303 || isTaken, `${user.name}: ${answer.status} ${answer.body}`);
  user.isRegistered = true;
}

/** Signs in somebody who was told that they are registered. */
export async function signIn(user: JourneyUser): Promise<void> {
  const { answer } = await fillIn(user, '/login', credentials(user));
  assert.equal(answer.status, 303, `${user.name}: ${answer.status} ${answer.body}`);
  assert.equal(answer.location, '/dashboard');
}

async function signOut(user: JourneyUser): Promise<void> {
  const { answer, isRepeated } = await fillIn(user, '/logout', {});
  assert.equal(answer.status, 303, `${user.name}: ${answer.status} ${answer.body}`);
  assert.ok(isRepeated || answer.headers.has('clear-site-data'));
}

function credentials({ name, password }: JourneyUser): Fields {
  return { username: name, password };
}

/** Opens a page and sends its form; where an answer got lost, the page may show that the form has done its work. */
async function fillIn(user: JourneyUser, path: string, fields: Fields) {
  for (let isRepeated = false; ; isRepeated = true) {
    const page = await open(user, path);
    if (isRepeated && page.status === 303) return { answer: page, isRepeated };
    const answer = await user.visitor.post(path, { csrf: tokenIn(page.body), ...fields });
    if (!isAway(user, answer)) return { answer, isRepeated };
  }
}

async function open(user: JourneyUser, path: string): Promise<Answer> {
  for (;;) {
    const answer = await user.visitor.get(path);
    if (!isAway(user, answer)) return answer;
  }
}

/** Whether an answer says that the site cannot do it now. Looks at what every answer must not show. */
function isAway(user: JourneyUser, { status, headers, body }: Answer): boolean {
  for (const [name] of body.matchAll(/Traveller \d+/g)) assert.equal(name, user.name, 'somebody else’s name');
  if (status !== 502 && status !== 503) return false;
  user.setbacks += 1;
  assert.deepEqual(headers.getSetCookie(), []);
  // 502 is what a proxy says about a node that is gone.
  if (status === 503) assert.match(String(headers.get('retry-after')), /^\d+$/);
  return true;
}
