import { z } from 'zod';
import type { Secrets } from '../secrets.ts';
import { isSigned, sign } from './signatures.ts';

/** The messages that a redirect can leave for the next page. The cookie carries their names, never their text. */
const flashName = z.enum(['registered', 'signedOut', 'sessionStolen']);
export type FlashName = z.infer<typeof flashName>;

/** Whether a message tells of something done, or of something that wants attention. */
export const FLASH_KINDS: Readonly<Record<FlashName, 'success' | 'notice'>> = {
  registered: 'success',
  signedOut: 'success',
  sessionStolen: 'notice',
};

/** How long a message waits for its page, in seconds. */
export const FLASH_LIFETIME_SECONDS = 60;

export type FlashCodec = {
  readonly encode: (name: FlashName) => string;
  /** The message of a cookie, or null when we never wrote it. */
  readonly decode: (cookie: string) => FlashName | null;
};

/** Signs messages, so that no other site's cookie puts words into our mouth. */
export function createFlashCodec(secrets: Secrets): FlashCodec {
  const keys = secrets.keys('flash');
  return {
    encode: (name) => `${name}.${sign(keys, [name])}`,
    decode: (cookie) => {
      const separator = cookie.indexOf('.');
      const name = flashName.safeParse(cookie.slice(0, Math.max(separator, 0)));
      if (!name.success || !isSigned(keys, [name.data], cookie.slice(separator + 1))) return null;
      return name.data;
    },
  };
}
