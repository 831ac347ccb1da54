import { DAY, SECOND } from '../../src/platform/runtime/clock.ts';
import type { Defence, Try } from './defences.ts';
import { passwordFor, RANKS } from './passwords.ts';
import { seededRandom } from './random.ts';

const GUESSES = 1_000_000;
const ATTACKING_ADDRESSES = 10_000;
const ACCOUNTS = 50_000;
const LEGITIMATE_USERS = 2_000;
/** How often each legitimate user signs in during the day. */
const SIGN_INS_EACH = 3;
/** Shares among legitimate users: mistyped passwords, unknown devices, and browsers without scripts. */
const MISTYPED = 0.05;
const NEW_DEVICE = 0.15;
const WITHOUT_SCRIPTS = 0.02;
/** Users who share one address, as behind a router. */
const USERS_BEHIND_ADDRESS = 4;
const MAX_TRIES = 4;

/** The method of the attackers. */
export type Attack = {
  readonly name: string;
  /** The period over which the guesses are spread, in milliseconds. */
  readonly length: number;
  /** Whether the attackers compute the requested proofs of work. */
  readonly doesWork: boolean;
  /** Whether only some accounts are attacked, all of which legitimate users sign in to, instead of every account. */
  readonly isConcentrated: boolean;
  /** The share of legitimate users who sign in with a passkey, which their accounts then ask for after a password. */
  readonly passkeys: number;
};

/** The number of accounts in a concentrated attack. */
const CHOSEN_ACCOUNTS = 500;
/** One account in this many belongs to a legitimate user. */
const LEGITIMATE_STEP = ACCOUNTS / LEGITIMATE_USERS;

export type Result = {
  readonly accountsLost: number;
  readonly hashes: number;
  readonly proofsOfAttackers: number;
  readonly legitimateSignIns: number;
  /** Legitimate sign-ins that failed although the user knew the password. */
  readonly legitimateRefused: number;
  /** Legitimate sign-ins that needed a proof of work. */
  readonly legitimateWithProof: number;
};

type Tally = { -readonly [Key in keyof Result]: Result[Key] };

/** Simulates the attack and an ordinary day of legitimate users against a defence, in chronological order. */
export async function play(defence: Defence, attack: Attack): Promise<Result> {
  const passwords = accountPasswords();
  const visits = legitimateVisits(attack);
  const lost = new Set<number>();
  const tally: Tally = {
    accountsLost: 0,
    hashes: 0,
    proofsOfAttackers: 0,
    legitimateSignIns: 0,
    legitimateRefused: 0,
    legitimateWithProof: 0,
  };
  let next = 0;
  for (let guess = 0; guess < GUESSES; guess += 1) {
    const at = Math.floor((guess * attack.length) / GUESSES);
    for (; (visits[next]?.at ?? Number.POSITIVE_INFINITY) <= at; next += 1)
      await visit(defence, visits[next], passwords, tally);
    const { account, rank } = targetOf(attack, guess);
    const isRight = passwords[account] === rank;
    const address = `attacker ${(guess * 104_729) % ATTACKING_ADDRESSES}`;
    const attempt = {
      account,
      address,
      isKnownDevice: false,
      hasProof: false,
      isRight,
      isCommonPassword: rank <= RANKS,
      at,
    };
    let reply = await defence.attempt(attempt);
    if (reply === 'asked for proof' && attack.doesWork) {
      tally.proofsOfAttackers += 1;
      reply = await defence.attempt({ ...attempt, hasProof: true });
    }
    if (reply !== 'compared') continue;
    tally.hashes += 1;
    // A guessed password alone does not open an account with a passkey.
    if (isRight && !hasPasskey(attack, account)) lost.add(account);
  }
  for (; next < visits.length; next += 1) await visit(defence, visits[next], passwords, tally);
  return { ...tally, accountsLost: lost.size };
}

/** The next password to try: the most frequent first, at every account in turn, then passwords that are on no list. */
function targetOf({ isConcentrated }: Attack, guess: number) {
  const targets = isConcentrated ? CHOSEN_ACCOUNTS : ACCOUNTS;
  const account = ((guess * 7_919) % targets) * (isConcentrated ? LEGITIMATE_STEP : 1);
  return { account, rank: 1 + Math.floor(guess / targets) };
}

function accountPasswords(): readonly number[] {
  const random = seededRandom(1);
  return Array.from({ length: ACCOUNTS }, () => passwordFor(random()));
}

type Visit = {
  readonly at: number;
  readonly account: number;
  readonly address: string;
  readonly isKnownDevice: boolean;
  readonly hasScripts: boolean;
  /** The number of mistyped passwords before the right one. */
  readonly mistakes: number;
  readonly hasPasskey: boolean;
};

function hasPasskey({ passkeys }: Attack, account: number): boolean {
  return account % LEGITIMATE_STEP === 0 && (account / LEGITIMATE_STEP) % 10 < 10 * passkeys;
}

function legitimateVisits(attack: Attack): readonly Visit[] {
  const random = seededRandom(2);
  const visits = Array.from({ length: LEGITIMATE_USERS * SIGN_INS_EACH }, (_, number): Visit => {
    const user = number % LEGITIMATE_USERS;
    let mistakes = 0;
    while (random() < MISTYPED && mistakes < MAX_TRIES - 1) mistakes += 1;
    return {
      at: Math.floor(random() * DAY),
      account: user * LEGITIMATE_STEP,
      address: `home ${Math.floor(user / USERS_BEHIND_ADDRESS)}`,
      isKnownDevice: random() >= NEW_DEVICE,
      hasScripts: random() >= WITHOUT_SCRIPTS,
      mistakes,
      hasPasskey: hasPasskey(attack, user * LEGITIMATE_STEP),
    };
  });
  return visits.sort((one, other) => one.at - other.at);
}

/** A user signs in. If a proof of work is requested, a browser with scripts sends one with the next attempt. */
async function visit(
  defence: Defence,
  visitor: Visit | undefined,
  passwords: readonly number[],
  tally: Tally,
): Promise<void> {
  if (visitor === undefined) return;
  const { account, address, isKnownDevice, hasScripts, mistakes } = visitor;
  tally.legitimateSignIns += 1;
  if (visitor.hasPasskey) {
    if ((await defence.usePasskey(visitor)) !== 'compared') tally.legitimateRefused += 1;
    return;
  }
  let hasProof = false;
  for (let number = 0; number <= mistakes; number += 1) {
    const at = visitor.at + number * 10 * SECOND;
    const isRight = number === mistakes;
    // A mistyped password is not on the list.
    const isCommonPassword = isRight && passwords[account] !== 0;
    const attempt: Try = { account, address, isKnownDevice, hasProof, isRight, isCommonPassword, at };
    let reply = await defence.attempt(attempt);
    if (reply === 'asked for proof' && hasScripts) {
      hasProof = true;
      reply = await defence.attempt({ ...attempt, hasProof });
    }
    if (reply !== 'compared') {
      tally.legitimateRefused += 1;
      return;
    }
    tally.hashes += 1;
  }
  if (hasProof) tally.legitimateWithProof += 1;
}
