import { setTimeout as wait } from 'node:timers/promises';

const PAUSE = 50;

/**
 * Runs each contender once in every round, in an order that is reversed after each round, after a warm-up round.
 * @returns each contender's results, round by round
 */
export async function runRounds<Result>(
  contenders: readonly (() => Promise<Result>)[],
  rounds: number,
): Promise<readonly (readonly Result[])[]> {
  const turns = contenders.map((run) => ({ run, results: [] as Result[] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { run, results } of round % 2 === 0 ? turns : turns.toReversed()) {
      const result = await run();
      if (round > 0) results.push(result);
      await wait(PAUSE);
    }
  }
  return turns.map(({ results }) => results);
}
