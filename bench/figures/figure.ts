import type { Spread } from '../statistics.ts';

/** One line of the table: what was measured against its goal. */
export type Figure = {
  readonly name: string;
  readonly measured: Spread;
  /** Empty for a ratio. */
  readonly unit: '' | ' MB' | ' KB' | ' ms';
  /** Null for what is only told. */
  readonly goal: { readonly atLeast: number } | { readonly limitTo: number } | null;
  /** The absolute numbers behind it, in words. */
  readonly absolute: string;
};

export function isMet({ measured, goal }: Figure): boolean {
  if (goal === null) return true;
  return 'atLeast' in goal ? measured.median >= goal.atLeast : measured.median <= goal.limitTo;
}
