import { z } from 'zod';
import { readOwnFile } from '../runtime/index.ts';

const table = z.record(z.string(), z.string()).transform((letters) => new Map(Object.entries(letters)));
/**
 * What letters look like, and capitals that look like another Latin letter than their small form does, such as Greek Ν, or
 * like none, such as Σ. Made by scripts/build-lookalikes.ts from the confusables of Unicode 15.0.
 */
const { looks, capitals: capitalLooks } = z
  .object({ looks: table, capitals: table })
  .parse(JSON.parse(readOwnFile(new URL('./lookalikes.json', import.meta.url))));

/**
 * Writes a folded name the way it looks: every letter that passes for a Latin one becomes that one, so `сосо`
 * in Cyrillic and `coco` are one name. ASCII letters stay as they are: `l`, `1` and `i` differ.
 * @see UTS #39 §4 “Confusable Detection”
 */
export function foldLookalikes(folded: string): string {
  const seen = [...folded.normalize('NFD')].map((point) => looks.get(point) ?? point).join('');
  return seen.normalize('NFD').replace(HIDDEN_DOT, '$1').normalize('NFC');
}

// A dot above a letter that has one already cannot be seen, also where a mark below comes first.
const HIDDEN_DOT = /(\p{Soft_Dotted}\p{M}*?)\u0307/gu;

/**
 * Whether a name as typed passes for one in Latin letters other than the one it folds to: `ΝΟΑ` in Greek looks
 * like `NOA`, while its small letters look like `voa`.
 */
export function hasMisleadingCapitals(typed: string, key: string): boolean {
  // Capitals and small letters have the same marks, so the letters without them are compared.
  const points = [...withoutMarks(typed.normalize('NFKC'))];
  if (!points.some((point) => capitalLooks.has(point))) return false;
  const seen = points.map((point) => capitalLooks.get(point) ?? foldLookalikes(point.toLowerCase())).join('');
  return /^[\x20-\x7e]*$/.test(seen) && seen !== withoutMarks(key);
}

function withoutMarks(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '');
}
