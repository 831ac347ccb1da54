import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { givenAs } from './option-kind.ts';
import { refuse } from './values.ts';

const MINIMUM_BYTES = 32;
const MINIMUM_DISTINCT_CHARACTERS = 10;
const RANDOM_BYTES = 48;
const EXAMPLES =
  /change.?me|example|your.?(secret|key|pepper)|secret.?key|placeholder|insecure|password|0123456789/i;

/**
 * The key with which `latchkey/testing` and the server of a test read each other's rows. It is public, so it protects
 * nothing, and no site that others can reach starts with it.
 */
export const TEST_SECRET_KEY = 'latchkey-testing-uses-this-and-any-client-may-know-it';

/** What to do about a secret that is missing or weak. */
export const SECRET_ADVICE = 'make one with: latchkey secret';

/** Several secrets for one purpose, the newest first. */
export type SecretList = readonly [string, ...string[]];

/** Makes a secret that fits every setting which asks for one: 384 random bits in base64url, 64 characters. */
export function newSecret(): string {
  return randomBytes(RANDOM_BYTES).toString('base64url');
}

/** Splits `new,old` into secrets, the newest first. */
export function splitSecrets(text: string): SecretList {
  const [newest = '', ...older] = text.split(',').map((secret) => secret.trim());
  return [newest, ...older];
}

/** What makes a secret too weak to use, in words that do not quote it; null when nothing does. */
export function weakness(secret: string): string | null {
  if (Buffer.byteLength(secret) < MINIMUM_BYTES)
    return `is too short; it needs at least ${MINIMUM_BYTES} bytes`;
  if (EXAMPLES.test(secret)) return 'looks like an example';
  if (new Set(secret).size < MINIMUM_DISTINCT_CHARACTERS) return 'repeats too few characters';
  return null;
}

/** A setting that holds one secret or more, as `new,old`, each of them strong. */
export const strongSecrets: z.ZodType<SecretList, string> = givenAs(
  { list: 'commas' },
  z.string().transform((text, context) => {
    const secrets = splitSecrets(text);
    const [problem] = secrets.flatMap((secret) => weakness(secret) ?? []);
    return problem === undefined ? secrets : refuse(context, `${problem}; ${SECRET_ADVICE}`);
  }),
);
