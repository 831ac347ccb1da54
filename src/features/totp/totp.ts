import { randomBytes } from 'node:crypto';
import { SECOND } from '../../platform/runtime/index.ts';
import { DIGITS, hotp } from './hotp.ts';

/** @see RFC 6238 §5.2: the recommended time step */
const STEP_SECONDS = 30;
/** RFC 4226 §4, R6: as long as the output of SHA-1. */
const SECRET_BYTES = 20;
/** RFC 6238 §5.2 recommends at most one step of delay; the clock of a phone may also be ahead. */
const DRIFT_STEPS = 1;

export function createSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** The code of a secret at a time, in milliseconds of UTC. */
export function codeOf(secret: Uint8Array, now: number): string {
  return hotp(secret, stepAt(now));
}

function stepAt(now: number): number {
  return Math.floor(now / SECOND / STEP_SECONDS);
}

/** Whether a text could be a code; spaces and dashes in it do not count. */
export function isLikeCode(typed: string): boolean {
  return /^\d{6}$/.test(withoutGaps(typed));
}

function withoutGaps(typed: string): string {
  return typed.replace(/[\s-]/g, '');
}

/**
 * The step whose code was typed: the current one or one beside it, after the last that was used; null for none. Only one
 * conditional statement makes it used (A35).
 */
export function findStep(
  secret: Uint8Array,
  typed: string,
  { now, lastStep }: { readonly now: number; readonly lastStep: number | null },
): number | null {
  const code = withoutGaps(typed);
  const current = stepAt(now);
  for (let step = current - DRIFT_STEPS; step <= current + DRIFT_STEPS; step += 1)
    if (hotp(secret, step) === code && (lastStep === null || step > lastStep)) return step;
  return null;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The secret as users type it. @see RFC 4648 §6; twenty bytes need no padding */
export function secretText(secret: Uint8Array): string {
  let text = '';
  let bits = 0;
  let buffer = 0;
  for (const byte of secret) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((buffer >> bits) & 31);
    }
    buffer &= (1 << bits) - 1;
  }
  return text;
}

/** What a QR code says to an authenticator app. @see https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
export function keyUri(
  secret: Uint8Array,
  { site, username }: { readonly site: string; readonly username: string },
): string {
  const issuer = encodeURIComponent(site);
  const label = `${issuer}:${encodeURIComponent(username)}`;
  return `otpauth://totp/${label}?secret=${secretText(secret)}&issuer=${issuer}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_SECONDS}`;
}
