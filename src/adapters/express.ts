import type { Access, SignedIn } from '../index.ts';

export { latchkeyPages, loginRequired } from './node.ts';

declare global {
  namespace Express {
    interface Request {
      /** Set by `loginRequired` on routes that admit no API tokens. */
      auth: SignedIn;
      /** Set by `loginRequired` on every route: the user, and the session or API token; the other one is null. */
      access: Access;
    }
  }
}
