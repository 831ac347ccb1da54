import type { Spread } from '../statistics.ts';

/** One row of the table: a measured value and its goal. */
export type Figure = {
  readonly name: string;
  readonly measured: Spread;
  /** Empty for a ratio. */
  readonly unit: '' | ' MB' | ' KB' | ' ms';
  /** Null if the value is only reported. */
  readonly goal: { readonly atLeast: number } | { readonly limitTo: number } | null;
  /** The absolute numbers behind the value, as text. */
  readonly absolute: string;
};

export function isMet({ measured, goal }: Figure): boolean {
  if (goal === null) return true;
  return 'atLeast' in goal ? measured.median >= goal.atLeast : measured.median <= goal.limitTo;
}
