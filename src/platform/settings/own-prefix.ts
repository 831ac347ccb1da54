/** What the names of all settings may begin with, so that no other software has a variable of that name. */
export const OWN_PREFIX = 'LATCHKEY_';

/** The name of the setting that a variable gives: what follows `LATCHKEY_`. */
export function withoutOwnPrefix(variable: string): string {
  return variable.startsWith(OWN_PREFIX) ? variable.slice(OWN_PREFIX.length) : variable;
}
