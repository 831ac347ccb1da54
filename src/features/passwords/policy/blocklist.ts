import { readFileSync } from 'node:fs';
import { type Blocklist, decodeBlocklist } from './blocklist-format.ts';

let loaded: Blocklist | undefined;

/**
 * The passwords that attackers try first, read once. Made by scripts/build-blocklist.ts.
 * @see NIST SP 800-63B-4 §3.1.1.2
 */
export function commonPasswords(): Blocklist {
  loaded ??= decodeBlocklist(readFileSync(new URL('./blocklist.bin', import.meta.url)));
  return loaded;
}
