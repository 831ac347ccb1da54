import type { Secrets } from '../crypto/index.ts';
import type { Clock } from '../runtime/index.ts';
import { isSigned, sign } from './signatures.ts';

/** Measures how long a form was open, by a field of its own that only this site can make. */
export type FormTimes = {
  /** The value of the field: this moment, signed. */
  readonly stamp: () => string;
  /** How long ago a stamp was made, in milliseconds, which a clock that stepped back makes no less than none; null where we never made it. */
  readonly age: (stamp: string) => number | null;
};

export function createFormTimes(secrets: Secrets, clock: Clock): FormTimes {
  const keys = secrets.keys('form-time');
  return {
    stamp: () => {
      const moment = String(clock());
      return `${moment}.${sign(keys, [moment])}`;
    },
    age: (stamp) => {
      const [moment = '', signature = ''] = stamp.split('.');
      return isSigned(keys, [moment], signature) ? Math.max(0, clock() - Number(moment)) : null;
    },
  };
}
