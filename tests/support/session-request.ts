import type { Visit } from '../../src/core/sessions/check.ts';
import type { SessionRequest } from '../../src/core/sessions/sessions.ts';

/** What a sign-in with a password asks for, on a browser that nobody is signed in on. */
export function sessionRequest(accountId: string, own: Partial<SessionRequest> = {}): SessionRequest {
  const device = { userAgent: 'a browser', address: '192.0.2.1' };
  return { accountId, method: 'password', isRemembered: false, device, replaced: null, ...own };
}

/** A request whose answer can carry another token. */
export function visit(now: number, own: Partial<Visit> = {}): Visit {
  const device = { userAgent: 'a browser', address: '192.0.2.1' };
  return { now, address: () => device.address, device: () => device, canRotate: true, ...own };
}
