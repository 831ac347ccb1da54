import type { SignedIn } from '../index.ts';

export { latchkeyPages, loginRequired } from './node.ts';

declare global {
  namespace Express {
    interface Request {
      /** Set by `loginRequired`. */
      auth: SignedIn;
    }
  }
}
