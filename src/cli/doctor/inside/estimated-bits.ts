/**
 * About how many bits a text would take at least, by how unevenly its characters come (Shannon). Words are far easier
 * to guess than their letters tell: of English a letter holds less than 2 bits.
 */
export function estimatedBits(text: string): number {
  const characters = [...text];
  const counts = new Map<string, number>();
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1);
  const shares = [...counts.values()].map((count) => count / characters.length);
  const each = shares.reduce((sum, share) => sum - share * Math.log2(share), 0);
  const looksLikeWords =
    /^[\p{L}\p{Zs}\p{P}]+$/u.test(text) && /\p{L}[\p{Zs}\p{P}]\p{L}|^\p{Ll}+$/u.test(text);
  return characters.length * (looksLikeWords ? Math.min(each, 2) : each);
}
