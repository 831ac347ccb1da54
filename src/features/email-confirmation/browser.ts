import type { Core } from '../../auth/core.ts';
import { isToken, newToken, tokenDigest } from '../../platform/crypto/index.ts';
import { SECOND } from '../../platform/runtime/index.ts';
import type { RequestContext } from '../../platform/web/context.ts';
import { tokens } from './definitions.ts';

/** Marks this browser, which may then confirm by the link of the mail alone; returns what is kept of the mark. */
export function markBrowser({ cookies }: Core, context: RequestContext): string {
  const mark = newToken();
  const seconds = tokens['email-confirmation'].lifetime / SECOND;
  context.cookies.set('registration', cookies.set('registration', mark, seconds));
  return tokenDigest(mark);
}

/** Whether this browser has the mark of which that is kept. */
export function isMarked({ cookies }: Core, { request }: RequestContext, kept: string | null): boolean {
  const mark = cookies.read(request, 'registration');
  return kept !== null && mark !== null && isToken(mark) && tokenDigest(mark) === kept;
}
