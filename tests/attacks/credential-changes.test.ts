import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TokenPurpose, TokenPurposeName } from '../../src/auth/one-time-tokens/purpose.ts';
import { DAY, SECOND } from '../../src/platform/runtime/clock.ts';
import { LISTED_PASSWORD, NEW_PASSWORD_STEP, setPassword } from '../kit/breached-passwords.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import { readDocument } from '../kit/documents.ts';
import {
  acme,
  CONNECTIONS_PAGE,
  comeBack,
  connectAt,
  disconnectButtons,
  identitiesIn,
  leadsTo,
  registerAt,
  signInAt,
  startTwinProvider,
  type TwinProvider,
} from '../kit/federation.ts';
import {
  ADDRESS,
  addressOf,
  askForAddress,
  askForLink,
  CONFIRM,
  changeTo,
  confirmPath,
  DISOWN,
  disowningPath,
  NEW_ADDRESS,
  newestConfirmation,
  newestLink,
  newReset,
  openAndConfirm,
  RESET,
  SENT,
  UNDO,
  undoPath,
} from '../kit/mailed-links.ts';
import { runLinesOn } from '../kit/processes.ts';
import { createStandInStep, rowsIn } from '../kit/sign-in-steps.ts';
import { reachInside, settleAudit, settleRequests, startSystem, type TestSystem } from '../kit/system.ts';
import { forgetAttempts, guess } from '../kit/throttling.ts';
import {
  ADA,
  accountOf,
  isSignedIn,
  NEW_PASSWORD,
  PASSWORD_PAGE,
  SESSION,
  show,
  signInAs,
  type Visitor,
} from '../kit/visitor.ts';

/** The effects of a change, in the order of the columns in SECURITY.md. */
type Effects = {
  /** Sessions in other browsers. */
  readonly others: 'end' | 'stay';
  /** The session of the owner's browser. */
  readonly own: 'new token' | 'ends' | 'stays' | 'begins';
  /** Sign-ins that wait for a step in other browsers. */
  readonly waiting: 'end' | 'stay';
  readonly voided: readonly TokenPurposeName[];
  /** Known browsers that are forgotten. */
  readonly devices: 'all others' | 'all' | 'none';
  /** Connected identities. */
  readonly identities: 'stay' | 'all go' | 'some go' | 'one more';
  /** Mails to the owner. */
  readonly mails: readonly string[];
  readonly events: readonly string[];
};

/** Ada with two connected identities, one browser of hers, another one, and a sign-in that waits in a third. */
type Stage = {
  readonly system: TestSystem;
  readonly provider: TwinProvider;
  readonly ada: Visitor;
};

type Change = {
  readonly name: string;
  /** How Ada's account begins. */
  readonly account?: 'without-password' | 'unconfirmed';
  /** What comes before the change; gives the change. */
  readonly prepare: (stage: Stage) => Promise<() => Promise<unknown>>;
  readonly effects: Effects;
};

const LINKS = ['password-reset', 'email-change', 'magic-link'] as const;
const ALL_LINKS = [...LINKS, 'email-confirmation'] as const;
const NOTICE = { mails: ['password-changed'], events: ['password-changed'] } as const;

/** What every change does that leaves the owner signed in and throws everyone else out. */
const ALL_OTHERS = {
  others: 'end',
  own: 'new token',
  waiting: 'end',
  voided: LINKS,
  devices: 'all others',
  identities: 'stay',
} as const;

const RECOVERY = {
  others: 'end',
  own: 'ends',
  waiting: 'end',
  voided: ALL_LINKS,
  devices: 'all',
  identities: 'all go',
  mails: ['reset-password'],
} as const;

const CHANGES: readonly Change[] = [
  {
    name: 'password changed',
    prepare:
      async ({ ada }) =>
      () =>
        ada.submit(PASSWORD_PAGE, { 'new-password': NEW_PASSWORD }),
    effects: { ...ALL_OTHERS, ...NOTICE },
  },
  {
    name: 'first password set',
    account: 'without-password',
    prepare:
      async ({ ada }) =>
      () =>
        ada.submit(PASSWORD_PAGE, { 'new-password': NEW_PASSWORD }),
    effects: { ...ALL_OTHERS, ...NOTICE },
  },
  {
    name: 'stolen password replaced at sign-in',
    prepare: async ({ system, ada }) => {
      await ada.signOut();
      await setPassword(system, ADA.username, LISTED_PASSWORD);
      assert.equal((await ada.signIn(ADA.username, LISTED_PASSWORD)).location, NEW_PASSWORD_STEP);
      return () => ada.submit(NEW_PASSWORD_STEP, { 'new-password': NEW_PASSWORD });
    },
    effects: { ...ALL_OTHERS, ...NOTICE, own: 'begins' },
  },
  {
    name: 'password reset by a link',
    prepare: async ({ system, ada }) => {
      await ada.get(await newReset(system));
      const [keep = ''] = /keep-[0-9a-f-]+/.exec((await ada.get(RESET)).body) ?? [];
      return () => ada.submit(RESET, { 'new-password': NEW_PASSWORD, [keep]: 'on' });
    },
    effects: {
      ...ALL_OTHERS,
      ...NOTICE,
      own: 'ends',
      voided: ALL_LINKS,
      identities: 'some go',
      events: ['password-reset'],
    },
  },
  {
    name: 'address changed',
    prepare: async ({ system, ada }) => {
      await askForAddress(system, ada, NEW_ADDRESS);
      await ada.get(await confirmPath(system));
      return () => ada.submit(CONFIRM, {});
    },
    effects: {
      ...ALL_OTHERS,
      voided: ALL_LINKS,
      mails: ['address-change-notice', 'address-changed'],
      events: ['address-changed'],
    },
  },
  {
    name: 'change of address undone',
    prepare: async ({ system, ada }) => {
      await changeTo(system, ada, NEW_ADDRESS);
      await ada.get(await undoPath(system, ADDRESS));
      return () => ada.submit(UNDO, {});
    },
    effects: {
      ...RECOVERY,
      voided: [...ALL_LINKS, 'email-change-undo'],
      events: ['address-change-undone'],
    },
  },
  {
    name: 'sign-in reported as not one’s own',
    prepare: async ({ system, ada, provider }) => {
      await signInAt(system.visitor(), provider);
      await ada.get(await disowningPath(system));
      return () => ada.submit(DISOWN, {});
    },
    effects: { ...RECOVERY, events: ['sign-in-disowned'] },
  },
  {
    name: 'identity provider connected',
    prepare: async ({ ada, provider }) => {
      const page = leadsTo(await ada.submit(CONNECTIONS_PAGE, { connect: 'acme' }));
      return () => {
        provider.profile = { sub: 'ada-once-more' };
        return comeBack(ada, provider.signIn(page));
      };
    },
    effects: {
      others: 'stay',
      own: 'new token',
      waiting: 'stay',
      voided: [],
      devices: 'none',
      identities: 'one more',
      mails: ['credential-changed'],
      events: ['identity-linked'],
    },
  },
  {
    name: 'identity provider disconnected',
    prepare: async ({ ada }) => {
      const [, disconnect = ''] = await disconnectButtons(ada);
      return () => ada.submit(CONNECTIONS_PAGE, { disconnect });
    },
    effects: {
      ...ALL_OTHERS,
      identities: 'some go',
      mails: ['credential-changed'],
      events: ['identity-unlinked'],
    },
  },
  {
    name: 'address confirmed for the first time',
    account: 'unconfirmed',
    prepare: async ({ system, ada }) => {
      const { path } = await newestConfirmation(system);
      return () => openAndConfirm(ada, path);
    },
    effects: {
      others: 'stay',
      own: 'stays',
      waiting: 'stay',
      voided: ['email-confirmation'],
      devices: 'none',
      identities: 'stay',
      mails: [],
      events: ['address-confirmed'],
    },
  },
  {
    name: 'account disabled by the operator',
    prepare:
      async ({ system }) =>
      () =>
        runLinesOn(system, [['user', 'disable', ADA.username]]),
    effects: {
      ...RECOVERY,
      identities: 'stay',
      mails: ['account-disabled'],
      events: ['account-disabled'],
    },
  },
  {
    name: 'password disabled by wrong attempts',
    prepare: async ({ system }) => {
      const { queries } = reachInside(system, 'ninety wrong attempts take too long').core.database;
      await queries.updateTable('passwords').set({ consecutive_failures: 89 }).execute();
      return () => guess(system, ADA.username);
    },
    effects: {
      others: 'stay',
      own: 'stays',
      waiting: 'stay',
      voided: [],
      devices: 'none',
      identities: 'stay',
      mails: ['password-disabled'],
      events: ['password-disabled'],
    },
  },
];

const HEAD = [
  'change',
  'other sessions',
  'own session',
  'waiting sign-ins',
  'links voided',
  'known browsers forgotten',
  'connected identities',
  'mail to the owner',
  'event',
];

/** A row of the table in SECURITY.md. */
function rowOf({ name, effects }: Change): string {
  const { others, own, waiting, voided, devices, identities, mails, events } = effects;
  const names = (list: readonly string[]) =>
    list.length === 0 ? 'none' : list.map((one) => `\`${one}\``).join(', ');
  const cells = [name, others, own, waiting, names(voided), devices, identities, names(mails), names(events)];
  return `| ${cells.join(' | ')} |`;
}

describe('SECURITY.md', () => {
  it('I02 I07 I09 I18 lists every change of a credential with the effects that the tests below observe', () => {
    const lines = readDocument('SECURITY.md').split('\n');
    const start = lines.indexOf(`| ${HEAD.join(' | ')} |`);
    assert.notEqual(start, -1, `there is no table with the head | ${HEAD.join(' | ')} |`);
    const end = lines.findIndex((line, number) => number > start && !line.startsWith('|'));
    assert.deepEqual(lines.slice(start + 2, end), CHANGES.map(rowOf));
  });
});

const PURPOSES: readonly TokenPurposeName[] = [...ALL_LINKS, 'email-change-undo', 'disowned-sign-in'];

/** Issues a token for each purpose, since no account can ask for all of them at once. @returns what tells which are void */
async function plantTokens({ system: { core }, clock }: TestSystem, accountId: string) {
  const { oneTimeTokens, database } = core;
  const planted: { readonly purpose: TokenPurpose; readonly token: string }[] = [];
  for (const name of PURPOSES) {
    const purpose = { name, lifetime: DAY, meaning: '' };
    const about = { purpose, accountId, data: `${ADDRESS}\n{"browser":"","code":""}` };
    planted.push({ purpose, token: await oneTimeTokens.issue(database.queries, about, clock.read()) });
  }
  return async () => {
    const voided: TokenPurposeName[] = [];
    for (const { purpose, token } of planted)
      if ((await oneTimeTokens.read(purpose, token, clock.read())) === null) voided.push(purpose.name);
    return voided;
  };
}

async function mailNames({ system }: TestSystem): Promise<readonly string[]> {
  return ((await system.core.mail.mailbox?.list()) ?? []).map(({ message }) => message);
}

/** What is recorded beside every change: it is about attempts and sign-ins. */
const BESIDE = ['signed-in', 'signed-out', 'sign-in-waits', 'sign-in-refused'];

async function recordedIn(system: TestSystem): Promise<readonly string[]> {
  await settleAudit(system);
  const { queries } = reachInside(system, 'the page of events shows them in words').core.database;
  const rows = await queries.selectFrom('audit_events').select('type').orderBy('sequence').execute();
  return rows.map(({ type }) => type).filter((type) => !BESIDE.includes(type));
}

/** Whether a sign-in from this browser is reported to the owner as one from a new device. */
async function isUnknown(system: TestSystem, visitor: Visitor): Promise<boolean> {
  await forgetAttempts(system);
  if (await isSignedIn(visitor)) await visitor.signOut();
  const count = async () =>
    (await mailNames(system)).filter((name) => name === 'signed-in-from-new-device').length;
  const before = await count();
  await askForLink(system, visitor, ADA.username);
  const { code } = await newestLink(system, String((await addressOf(system)).email));
  assert.equal((await visitor.submit(SENT, { code })).location, '/dashboard');
  return (await count()) > before;
}

async function forgottenDevices(system: TestSystem, ada: Visitor, other: Visitor) {
  const { id } = await accountOf(system);
  await reachInside(system, 'operators enable accounts, and have no pages').core.lifecycle.enable(id);
  const [own, others] = [await isUnknown(system, ada), await isUnknown(system, other)];
  if (own) return 'all';
  return others ? 'all others' : 'none';
}

/** Ada's account, and her browser. */
async function begin(system: TestSystem, provider: TwinProvider, account: Change['account']) {
  const ada = system.visitor();
  provider.profile = { sub: 'ada-there' };
  if (account === 'without-password') await registerAt(ada, provider, ADA.username, ADDRESS);
  else await ada.register(ADA.username, ADA.password, ADDRESS);
  if (account === 'unconfirmed') return signInAs(ada);
  await openAndConfirm(ada, (await newestConfirmation(system)).path);
  if (account !== 'without-password') {
    await signInAs(ada);
    await connectAt(ada, provider);
  }
  provider.profile = { sub: 'ada-too' };
  await connectAt(ada, provider);
  provider.profile = { sub: 'ada-there' };
  return ada;
}

async function observe(engine: Engine, { account, prepare }: Change): Promise<Effects> {
  await using provider = await startTwinProvider();
  const step = createStandInStep();
  const options = acme(provider, { email: 'optional', magicLink: 'on' });
  await using system = await startSystem(options, engine, { features: step.features });
  const ada = await begin(system, provider, account);
  const signIn = async (visitor: Visitor) => {
    if (account === 'unconfirmed') await visitor.signIn(ADA.username, ADA.password);
    else await signInAt(visitor, provider);
    return visitor;
  };
  const change = await prepare({ system, provider, ada });
  const other = await signIn(system.visitor());
  const { id } = await accountOf(system);
  step.blocked.add(id);
  await signIn(system.visitor());
  step.blocked.delete(id);
  assert.ok((await rowsIn(system, 'pending_sign_ins')).length > 0);
  system.clock.advance(SECOND);
  const voided = await plantTokens(system, id);
  const token = ada.cookies.get(SESSION);
  const before = await Promise.all([mailNames(system), recordedIn(system), identitiesIn(system)]);
  await change();
  await settleRequests(system);
  const after = await Promise.all([mailNames(system), recordedIn(system), identitiesIn(system)]);
  return {
    others: (await isSignedIn(other)) ? 'stay' : 'end',
    own: await ownSession(system, ada, token),
    waiting: (await rowsIn(system, 'pending_sign_ins')).length > 0 ? 'stay' : 'end',
    voided: await voided(),
    identities: fate(before[2].length, after[2].length),
    // The newest come first.
    mails: after[0].slice(0, after[0].length - before[0].length).toSorted(),
    events: after[1].slice(before[1].length),
    devices: await forgottenDevices(system, ada, other),
  };
}

async function ownSession(system: TestSystem, ada: Visitor, token: string | undefined) {
  if (token === undefined) return 'begins';
  if ((await show(system, token)).status === 200) return 'stays';
  return (await isSignedIn(ada)) ? 'new token' : 'ends';
}

function fate(before: number, after: number): Effects['identities'] {
  if (after === before) return 'stay';
  if (after > before) return 'one more';
  return after === 0 ? 'all go' : 'some go';
}

onEveryDatabase('a change of a credential', (engine) => {
  for (const change of CHANGES) {
    it(`I02 I07 I09 I14 I18 has every effect that SECURITY.md lists: ${change.name}`, async () => {
      assert.deepEqual(await observe(engine, change), change.effects);
    });
  }
});
