import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { type Engine, existingDatabase, onEveryDatabase } from '../kit/databases.ts';
import { newestConfirmation, openAndConfirm } from '../kit/mailed-links.ts';
import {
  deleteExpired,
  settleRequests,
  startSystem,
  type TestOptions,
  type TestSystem,
} from '../kit/system.ts';
import {
  ADA,
  type Answer,
  BEN,
  comparableResponse,
  type Fields,
  newAddress,
  type Visitor,
  WRONG_PASSWORD,
} from '../kit/visitor.ts';

// Two systems that differ in one respect: whether a name and an address belong to a confirmed account. An attacker
// makes the
// same requests in both, in any order, and compares every response, limits included.

type Mode = 'off' | 'optional' | 'required';

/** The meaning of the name or address in a sequence; each sequence has texts of its own. */
type Name = 'name' | 'address' | 'ADDRESS' | 'own name' | 'own other name' | 'confirmed name';
type Address = 'address' | 'ADDRESS' | 'own address';

const CONFIRMING_PAGES = ['/login/confirm-address', '/account/confirm-address'] as const;
const CODE_PAGES = [...CONFIRMING_PAGES, '/login/link/sent'] as const;
const PAGES = ['/login', '/dashboard', '/account', '/account/email', ...CODE_PAGES] as const;

type Action =
  | { readonly kind: 'register'; readonly name: 'own name' | 'own other name'; readonly email: Address }
  | { readonly kind: 'sign in'; readonly name: Name; readonly password: string }
  | { readonly kind: 'ask for mail'; readonly page: '/forgot-password' | '/login/link'; readonly name: Name }
  | { readonly kind: 'type a wrong code'; readonly page: (typeof CODE_PAGES)[number] }
  | { readonly kind: 'ask for another code'; readonly page: (typeof CONFIRMING_PAGES)[number] }
  | { readonly kind: 'ask for another address' }
  | { readonly kind: 'open'; readonly page: (typeof PAGES)[number] }
  | { readonly kind: 'leave'; readonly page: '/login/confirm-address' | '/logout'; readonly path: string }
  | { readonly kind: 'wait'; readonly milliseconds: number; readonly isTidied: boolean };

/** The first of two browsers makes most requests. */
type Step = { readonly action: Action; readonly browser: 0 | 1; readonly times: number };

function kind<const Kind extends string>(name: Kind) {
  return fc.constant(name);
}

/**
 * An attacker who guesses both together learns that they belong to one account, because its failures are one count
 * (docs/throttling.md). So each sequence uses only one of them.
 */
type Guessed = 'name' | 'address';

function namesOf(guessed: Guessed): fc.Arbitrary<Name> {
  const spellings = guessed === 'name' ? (['name'] as const) : (['address', 'ADDRESS'] as const);
  return fc.constantFrom<Name>(...spellings, ...spellings, 'own name', 'own other name', 'confirmed name');
}

const password = fc.constantFrom(BEN.password, BEN.password, WRONG_PASSWORD);

/**
 * The actions of an attacker, except those that reveal by design whether a name or an address is taken (SECURITY.md).
 */
function actions(mode: Mode, guessed: Guessed): fc.Arbitrary<Action> {
  const name = namesOf(guessed);
  const ownNames = fc.constantFrom('own name' as const, 'own other name' as const);
  const email = fc.constantFrom<Address>(
    ...(mode === 'required' ? (['address', 'address', 'ADDRESS', 'own address'] as const) : []),
    'own address',
  );
  const mailPages = fc.constantFrom<'/forgot-password' | '/login/link'>('/forgot-password', '/login/link');
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: kind('register'), name: ownNames, email }) },
    { weight: 6, arbitrary: fc.record({ kind: kind('sign in'), name, password }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('ask for mail'), page: mailPages, name }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: kind('type a wrong code'), page: fc.constantFrom(...CODE_PAGES) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: kind('ask for another code'),
        page: fc.constantFrom(...CONFIRMING_PAGES),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: kind('ask for another address') }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('open'), page: fc.constantFrom(...PAGES) }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Action>(
        { kind: 'leave', page: '/logout', path: '/logout' },
        { kind: 'leave', page: '/login/confirm-address', path: '/login/cancel' },
      ),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: kind('wait'),
        milliseconds: fc.constantFrom(MINUTE, 16 * MINUTE, HOUR, DAY - 5 * MINUTE, DAY),
        isTidied: fc.boolean(),
      }),
    },
  );
}

/** The first actions if an address must be confirmed: few other sequences would get that far. */
const BEGINNING: readonly Step[] = [
  { action: { kind: 'register', name: 'own name', email: 'address' }, browser: 0, times: 1 },
  { action: { kind: 'sign in', name: 'own name', password: BEN.password }, browser: 0, times: 1 },
];

function sequences(mode: Mode): fc.Arbitrary<readonly Step[]> {
  const browser = fc.constantFrom<0 | 1>(0, 0, 0, 1);
  const times = fc.constantFrom(1, 1, 1, 2, 6);
  return fc.constantFrom<Guessed>('name', 'address', 'address').chain((guessed) => {
    const step = fc.record({ action: actions(mode, guessed), browser, times });
    const any = fc.array(step, { minLength: 8, maxLength: 16 });
    return any.map((steps) => (mode === 'required' ? [...BEGINNING, ...steps] : steps));
  });
}

/** Two accounts of the attacker with one address: the actions of the second must not change what the first can do. */
const KNOWN: readonly Step[] = [
  ...BEGINNING,
  { action: { kind: 'type a wrong code', page: '/login/confirm-address' }, browser: 0, times: 6 },
  { action: { kind: 'register', name: 'own other name', email: 'ADDRESS' }, browser: 1, times: 1 },
  { action: { kind: 'type a wrong code', page: '/login/confirm-address' }, browser: 0, times: 1 },
  { action: { kind: 'ask for another code', page: '/login/confirm-address' }, browser: 0, times: 1 },
  { action: { kind: 'type a wrong code', page: '/login/confirm-address' }, browser: 0, times: 6 },
  { action: { kind: 'wait', milliseconds: DAY, isTidied: false }, browser: 0, times: 1 },
  { action: { kind: 'register', name: 'own other name', email: 'address' }, browser: 1, times: 1 },
  { action: { kind: 'register', name: 'own name', email: 'own address' }, browser: 1, times: 1 },
];

function textsOf(run: number): Readonly<Record<Name | Address, string>> {
  return {
    name: `Ada${run}`,
    address: `ada${run}@example.org`,
    ADDRESS: `ADA${run}@EXAMPLE.org`,
    'own name': `Ben${run}`,
    'own other name': `Cleo${run}`,
    'own address': `own${run}@example.net`,
    'confirmed name': `Dora${run}`,
  };
}

type World = Site & {
  readonly browsers: readonly [Visitor, Visitor];
  readonly texts: ReturnType<typeof textsOf>;
};

/** Opens a page and submits its form, if it has one. */
async function fill(visitor: Visitor, page: string, path: string, fields: Fields): Promise<Answer[]> {
  const shown = await visitor.get(page);
  const csrf = /name="csrf" value="([^"]+)"/.exec(shown.body)?.[1];
  return csrf === undefined ? [shown] : [shown, await visitor.post(path, { csrf, ...fields })];
}

async function act({ system, office, browsers, texts }: World, { action, browser }: Step): Promise<Answer[]> {
  const visitor = browsers[browser];
  switch (action.kind) {
    case 'register': {
      const account = { username: texts[action.name], email: texts[action.email], password: BEN.password };
      return fill(visitor, '/register', '/register', account);
    }
    case 'sign in': {
      const credentials = { username: texts[action.name], password: action.password };
      return fill(visitor, '/login', '/login', credentials);
    }
    case 'ask for mail':
      return fill(visitor, action.page, action.page, { username: texts[action.name] });
    case 'type a wrong code':
      return fill(visitor, action.page, action.page, { code: '1234 5678' });
    case 'ask for another code':
      return fill(visitor, action.page, `${action.page}/resend`, {});
    case 'ask for another address':
      return fill(visitor, '/account/email', '/account/email', { email: texts.address });
    case 'open':
      return [await visitor.get(action.page)];
    case 'leave':
      return fill(visitor, action.page, action.path, {});
    case 'wait':
      for (const { clock } of [system, office]) clock.advance(action.milliseconds);
      if (action.isTidied) await deleteExpired(system);
      return [];
  }
}

/** What an attacker observes of one action, with its cost in hashes and pauses. */
async function observe(world: World, step: Step): Promise<readonly string[]> {
  const { hasher, pauses } = world.system;
  const before = { ...hasher.counts, pauses: pauses.length };
  const seen: string[] = [];
  for (let time = 0; time < step.times; time += 1) {
    seen.push(...(await act(world, step)).map(comparableResponse));
    await settleRequests(world.system);
  }
  const costs = [
    hasher.counts.hashes - before.hashes,
    hasher.counts.verifications - before.verifications,
    pauses.length - before.pauses,
  ];
  return [...seen, `hashes, verifications and pauses: ${costs}`];
}

type Site = {
  readonly system: TestSystem;
  /** Another node on the same database, where an address is optional: accounts with addresses are created there. */
  readonly office: TestSystem;
};

async function startSite(engine: Engine, mode: Mode): Promise<Site & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const shared = existingDatabase(stack.use(await engine.createMigrated()).url);
  const office = stack.use(await startSystem({ email: 'optional' }, shared));
  const options: TestOptions = { email: mode, ...(mode !== 'off' && { magicLink: 'on' }) };
  const system = stack.use(await startSystem(options, shared));
  const kept = stack.move();
  return { system, office, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function makeConfirmed(
  office: TestSystem,
  account: { username: string; email: string; password: string },
) {
  const owner = office.visitorFrom(newAddress());
  await owner.register(account.username, account.password, account.email);
  const { path } = await newestConfirmation(office, account.email);
  assert.equal((await openAndConfirm(owner, path)).status, 303);
}

type Sites = { readonly free: Site; readonly taken: Site };

/** Each run has accounts, browsers and a network address of its own. */
async function compareWorlds({ free, taken }: Sites, run: number, steps: readonly Step[]): Promise<void> {
  const texts = textsOf(run);
  // The order of mails that were written at the same moment is undefined in the mailbox.
  for (const { clock } of [free.system, free.office, taken.system, taken.office]) clock.advance(SECOND);
  const from = newAddress();
  const worldOf = async ({ system, office }: Site): Promise<World> => {
    const email = `dora${run}@example.net`;
    await makeConfirmed(office, { username: texts['confirmed name'], email, password: BEN.password });
    return { system, office, texts, browsers: [system.visitorFrom(from), system.visitorFrom(from)] };
  };
  const worlds = [await worldOf(free), await worldOf(taken)] as const;
  const subject = { username: texts.name, email: texts.address, password: ADA.password };
  await makeConfirmed(taken.office, subject);
  for (const [index, step] of steps.entries()) {
    const seen = [await observe(worlds[0], step), await observe(worlds[1], step)];
    assert.deepEqual(seen[1], seen[0], `step ${index + 1}: ${JSON.stringify(step)}`);
  }
}

/** Another seed, or more runs, set by hand. */
const SEED = Number(process.env['SEQUENCES_SEED'] ?? 20_261_130);
const RUNS = Number(process.env['SEQUENCES_RUNS'] ?? 10);

onEveryDatabase('an attacker who does the same for a taken and for a free name and address', (engine) => {
  for (const mode of ['off', 'optional', 'required'] as const)
    it(`A67 I01 sees no difference over any sequence of public actions with EMAIL=${mode}`, async () => {
      await using free = await startSite(engine, mode);
      await using taken = await startSite(engine, mode);
      let run = 0;
      const property = fc.asyncProperty(sequences(mode), (steps) =>
        compareWorlds({ free, taken }, run++, steps),
      );
      const examples: [readonly Step[]][] = mode === 'required' ? [[KNOWN]] : [];
      await fc.assert(property, { seed: SEED, numRuns: RUNS, examples });
    });
});
