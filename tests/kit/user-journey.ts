import assert from 'node:assert/strict';
import { type Answer, type Fields, tokenIn, type Visitor } from './visitor.ts';

/** A user on a journey, in a browser of their own. */
export type JourneyUser = {
  readonly name: string;
  readonly password: string;
  readonly visitor: Visitor;
  /** Set once the registration was confirmed to them. */
  isRegistered: boolean;
  /** The number of times that the site was unavailable. */
  setbacks: number;
};

export function createJourneyUser(number: number, visitor: Visitor): JourneyUser {
  const password = `the long way of traveller no. ${number}`;
  return { name: `Traveller ${number}`, password, visitor, isRegistered: false, setbacks: 0 };
}

/**
 * The complete journey: register, sign in, open the dashboard, sign out. A request that fails because the site is
 * unavailable is repeated, as users do; everything else must succeed, and no page may show the name of another user.
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
  // A request whose response was lost may have succeeded.
  const isTaken = isRepeated && answer.status === 422;
  assert.ok(answer.status === 303 || isTaken, `${user.name}: ${answer.status} ${answer.body}`);
  user.isRegistered = true;
}

/** Signs in a user whose registration was confirmed. */
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

/** Opens a page and submits its form. After a lost response, the page may show that the form has been processed. */
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

/** Whether a response says that the site is unavailable. Checks what no response may show. */
function isAway(user: JourneyUser, { status, headers, body }: Answer): boolean {
  for (const [name] of body.matchAll(/Traveller \d+/g)) assert.equal(name, user.name, 'somebody else’s name');
  if (status !== 502 && status !== 503) return false;
  user.setbacks += 1;
  assert.deepEqual(headers.getSetCookie(), []);
  // 502 is the response of a proxy if a node is unavailable.
  if (status === 503) assert.match(String(headers.get('retry-after')), /^\d+$/);
  return true;
}
