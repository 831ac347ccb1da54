/**
 * The frequencies of the twenty most frequent passwords among those of 32,603,388 accounts.
 * @see Imperva, Consumer Password Worst Practices (2010): the passwords stolen from RockYou
 */
const COUNTS = [
  290_731, 79_078, 76_790, 61_958, 51_622, 35_231, 22_588, 21_726, 20_553, 17_542, 17_168, 16_409, 16_094,
  15_294, 15_162, 14_950, 14_898, 14_329, 13_984, 13_856,
] as const;
const ACCOUNTS = 32_603_388;

/** The number of passwords in the list. */
export const RANKS = COUNTS.length;

/** A password by its rank, starting at 1; 0 is a password that no attacker guesses. @param random from 0 to 1 */
export function passwordFor(random: number): number {
  let sum = 0;
  for (const [at, count] of COUNTS.entries()) {
    sum += count / ACCOUNTS;
    if (random < sum) return at + 1;
  }
  return 0;
}
