import { z } from 'zod';
import { type SignInAccounts, signInCaller } from '../load/caller.ts';
import { callInTurn } from '../load/loops.ts';
import { percentile, ratios, spreadOf } from '../statistics.ts';
import type { Subject } from '../subjects/start.ts';
import type { Figure } from './figure.ts';
import { runRounds } from './rounds.ts';

const CONNECTIONS = 16;
const ROUNDS = 9;
const ROUND_MILLISECONDS = 2_500;

const verifications = z.object({ count: z.number(), milliseconds: z.number() });

export type SignIns = { readonly figure: Figure; readonly perSecond: number };

/** (a) Complete sign-ins over HTTP beside bare Argon2id verifications, both on every core. */
export async function measureSignIns(
  latchkey: Subject,
  raw: Subject,
  accounts: SignInAccounts,
  hash: string,
  name = '(a) sign-ins ÷ bare Argon2id verifications',
  atLeast: number | null = 0.95,
): Promise<SignIns> {
  const { port } = latchkey;
  const callers = await Promise.all(Array.from({ length: CONNECTIONS }, () => signInCaller(port, accounts)));
  const signIn = async () => (await callInTurn(callers, ROUND_MILLISECONDS, 303)).perSecond;
  const verify = async () => {
    const order = { hash, password: accounts.password, milliseconds: ROUND_MILLISECONDS };
    const { count, milliseconds } = await raw.ask(order, verifications);
    return (count * 1_000) / milliseconds;
  };
  const [signIns = [], bare = []] = await runRounds([signIn, verify], ROUNDS);
  for (const { close } of callers) close();
  const perSecond = percentile(signIns, 50);
  const figure: Figure = {
    name,
    measured: spreadOf(ratios(signIns, bare)),
    unit: '',
    goal: atLeast === null ? null : { atLeast },
    absolute: `${perSecond.toFixed(0)}/s; bare ${percentile(bare, 50).toFixed(0)}/s`,
  };
  return { figure, perSecond };
}
