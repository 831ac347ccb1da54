import { DAY, SECOND } from '../../src/platform/runtime/clock.ts';
import type { Defence, Try } from './defences.ts';
import { passwordFor, RANKS } from './passwords.ts';
import { seededRandom } from './random.ts';

const GUESSES = 1_000_000;
const ATTACKING_ADDRESSES = 10_000;
const ACCOUNTS = 50_000;
const HONEST_PEOPLE = 2_000;
/** How often an honest person signs in within the day. */
const SIGN_INS_EACH = 3;
/** Of the honest: how often a password is mistyped, whose device is not known yet, and who has no scripts. */
const MISTYPED = 0.05;
const NEW_DEVICE = 0.15;
const WITHOUT_SCRIPTS = 0.02;
/** So many share an address, as behind one router. */
const PEOPLE_BEHIND_ADDRESS = 4;
const MOST_TRIES = 4;

/** How the attackers go about it. */
export type Attack = {
  readonly name: string;
  /** The guesses are spread over this much time, in milliseconds. */
  readonly length: number;
  /** Whether they do the work that is asked for. */
  readonly doesWork: boolean;
  /** Whether a few accounts are chosen, whose owners are all among the honest people, and not all of them. */
  readonly isConcentrated: boolean;
};

/** How many accounts a concentrated attack chooses. */
const CHOSEN_ACCOUNTS = 500;
/** The honest people own every so-manieth account. */
const HONEST_STEP = ACCOUNTS / HONEST_PEOPLE;

export type Result = {
  readonly accountsLost: number;
  readonly hashes: number;
  readonly proofsOfAttackers: number;
  readonly honestSignIns: number;
  /** Honest sign-ins that did not come about, though the person knew the password. */
  readonly honestRefused: number;
  /** Honest sign-ins that took a calculation in the background. */
  readonly honestWithProof: number;
};

type Tally = { -readonly [Key in keyof Result]: Result[Key] };

/** Plays the attack and an ordinary day of honest people against a defence, in the order of time. */
export async function play(defence: Defence, attack: Attack): Promise<Result> {
  const passwords = accountPasswords();
  const honest = honestVisits();
  const lost = new Set<number>();
  const tally: Tally = {
    accountsLost: 0,
    hashes: 0,
    proofsOfAttackers: 0,
    honestSignIns: 0,
    honestRefused: 0,
    honestWithProof: 0,
  };
  let next = 0;
  for (let guess = 0; guess < GUESSES; guess += 1) {
    const at = Math.floor((guess * attack.length) / GUESSES);
    for (; (honest[next]?.at ?? Number.POSITIVE_INFINITY) <= at; next += 1)
      await visit(defence, honest[next], passwords, tally);
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
    if (isRight) lost.add(account);
  }
  for (; next < honest.length; next += 1) await visit(defence, honest[next], passwords, tally);
  return { ...tally, accountsLost: lost.size };
}

/** The password that is tried next: the most frequent first, at every account in turn, then ones that are on no list. */
function targetOf({ isConcentrated }: Attack, guess: number) {
  const targets = isConcentrated ? CHOSEN_ACCOUNTS : ACCOUNTS;
  const account = ((guess * 7_919) % targets) * (isConcentrated ? HONEST_STEP : 1);
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
  /** How often the password is mistyped first. */
  readonly mistakes: number;
};

function honestVisits(): readonly Visit[] {
  const random = seededRandom(2);
  const visits = Array.from({ length: HONEST_PEOPLE * SIGN_INS_EACH }, (_, number): Visit => {
    const person = number % HONEST_PEOPLE;
    let mistakes = 0;
    while (random() < MISTYPED && mistakes < MOST_TRIES - 1) mistakes += 1;
    return {
      at: Math.floor(random() * DAY),
      account: person * HONEST_STEP,
      address: `home ${Math.floor(person / PEOPLE_BEHIND_ADDRESS)}`,
      isKnownDevice: random() >= NEW_DEVICE,
      hasScripts: random() >= WITHOUT_SCRIPTS,
      mistakes,
    };
  });
  return visits.sort((one, other) => one.at - other.at);
}

/** Somebody signs in; whoever is asked for a proof and has scripts brings it with the next try. */
async function visit(
  defence: Defence,
  visitor: Visit | undefined,
  passwords: readonly number[],
  tally: Tally,
): Promise<void> {
  if (visitor === undefined) return;
  const { account, address, isKnownDevice, hasScripts, mistakes } = visitor;
  tally.honestSignIns += 1;
  let hasProof = false;
  for (let number = 0; number <= mistakes; number += 1) {
    const at = visitor.at + number * 10 * SECOND;
    const isRight = number === mistakes;
    // What is mistyped is no password of the list.
    const isCommonPassword = isRight && passwords[account] !== 0;
    const attempt: Try = { account, address, isKnownDevice, hasProof, isRight, isCommonPassword, at };
    let reply = await defence.attempt(attempt);
    if (reply === 'asked for proof' && hasScripts) {
      hasProof = true;
      reply = await defence.attempt({ ...attempt, hasProof });
    }
    if (reply !== 'compared') {
      tally.honestRefused += 1;
      return;
    }
    tally.hashes += 1;
  }
  if (hasProof) tally.honestWithProof += 1;
}
