const MOST_ROUNDS = 8;

/**
 * Full case folding with compatibility normalisation, brought to the form that folding again leaves alone.
 * `ﬁ` and `fi`, `ß` and `ss`, `Ａ` and `a`, `K` (Kelvin) and `k`, `ς` and `σ` become one.
 * @see Unicode Standard §3.13 (toNFKC_Casefold), RFC 8265 §3.3
 */
export function foldCase(text: string): string {
  let folded = text.normalize('NFKC');
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    // By way of the capitals, so that letters whose capital is two letters (`ß`) or shared (`ς`, `ı`) meet.
    const next = folded.toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
    if (next === folded) return folded;
    folded = next;
  }
  return folded;
}
