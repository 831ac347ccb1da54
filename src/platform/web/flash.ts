import { z } from 'zod';
import type { Secrets } from '../crypto/secrets.ts';
import { isSigned, sign } from './signatures.ts';

/** The messages that a redirect can leave for the next page. The cookie carries their names, never their text. */
const flashName = z.enum([
  'registered',
  'registeredUnconfirmed',
  'addressConfirmed',
  'confirmationSent',
  'identityCodeSent',
  'signedOut',
  'signInExpired',
  'signInCancelled',
  'sessionStolen',
  'sessionEnded',
  'sessionGone',
  'passwordChanged',
  'resetRequested',
  'signInDisowned',
  'addressChangeSent',
  'addressChanged',
  'addressChangeUndone',
  'passwordReset',
  'exportConfirmed',
  'deletionRequested',
  'deletionCancelled',
  'accountDeleted',
  'providerExpired',
  'providerCancelled',
  'providerFailed',
  'providerUnavailable',
  'providerRefused',
  'providerUnknown',
  'connected',
  'connectedAlready',
  'connectedAnew',
  'connectedElsewhere',
  'connectedTooMany',
  'disconnected',
  'disconnectedAlready',
  'lastWayIn',
  'confirmAddressFirst',
  'confirmedByOther',
  'passwordSet',
  'outerSpace',
]);
export type FlashName = z.infer<typeof flashName>;

/** Those that also tell how many, and of what is in their name. */
const countedFlashName = z.enum(['otherSessionsEnded']);
export type CountedFlashName = z.infer<typeof countedFlashName>;

export type FlashMessage = FlashName | { readonly name: CountedFlashName; readonly count: number };

/** Whether a message tells of something done, or of something that wants attention. */
export const FLASH_KINDS: Readonly<Record<FlashName | CountedFlashName, 'success' | 'notice'>> = {
  registered: 'success',
  registeredUnconfirmed: 'notice',
  addressConfirmed: 'success',
  confirmationSent: 'success',
  identityCodeSent: 'success',
  signedOut: 'success',
  signInExpired: 'notice',
  signInCancelled: 'notice',
  sessionStolen: 'notice',
  sessionEnded: 'success',
  sessionGone: 'notice',
  otherSessionsEnded: 'success',
  passwordChanged: 'success',
  resetRequested: 'notice',
  signInDisowned: 'notice',
  addressChangeSent: 'notice',
  addressChanged: 'success',
  addressChangeUndone: 'success',
  passwordReset: 'success',
  exportConfirmed: 'success',
  deletionRequested: 'notice',
  deletionCancelled: 'success',
  accountDeleted: 'success',
  providerExpired: 'notice',
  providerCancelled: 'notice',
  providerFailed: 'notice',
  providerUnavailable: 'notice',
  providerRefused: 'notice',
  providerUnknown: 'notice',
  connected: 'success',
  connectedAlready: 'notice',
  connectedAnew: 'success',
  connectedElsewhere: 'notice',
  connectedTooMany: 'notice',
  disconnected: 'success',
  disconnectedAlready: 'notice',
  lastWayIn: 'notice',
  confirmAddressFirst: 'notice',
  confirmedByOther: 'notice',
  passwordSet: 'success',
  outerSpace: 'notice',
};

/** How long a message waits for its page, in seconds. */
export const FLASH_LIFETIME_SECONDS = 60;

export type FlashCodec = {
  readonly encode: (...messages: readonly FlashMessage[]) => string;
  /** The messages of a cookie; none when we never wrote it. */
  readonly decode: (cookie: string) => readonly FlashMessage[];
};

/** Signs messages, so that no other site's cookie puts words into our mouth. */
export function createFlashCodec(secrets: Secrets): FlashCodec {
  const keys = secrets.keys('flash');
  return {
    encode: (...messages) => {
      const label = messages.map(labelOf).join('_');
      return `${label}.${sign(keys, [label])}`;
    },
    decode: (cookie) => {
      const separator = cookie.indexOf('.');
      const label = cookie.slice(0, Math.max(separator, 0));
      if (!isSigned(keys, [label], cookie.slice(separator + 1))) return [];
      return label.split('_').flatMap((name) => messageNamed(name) ?? []);
    },
  };
}

function labelOf(message: FlashMessage): string {
  return typeof message === 'string' ? message : `${message.name}-${message.count}`;
}

// A signed one may still be unknown: an older or newer version wrote it.
function messageNamed(label: string): FlashMessage | null {
  const plain = flashName.safeParse(label);
  if (plain.success) return plain.data;
  const [, text, count] = /^([a-zA-Z]+)-(\d{1,9})$/.exec(label) ?? [];
  const counted = countedFlashName.safeParse(text);
  return counted.success ? { name: counted.data, count: Number(count) } : null;
}
