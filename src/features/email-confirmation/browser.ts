import type { Core } from '../../auth/core.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { isToken, newToken, tokenDigest } from '../../platform/crypto/index.ts';
import { SECOND } from '../../platform/runtime/index.ts';
import { cookies, tokens } from './definitions.ts';

/** Marks this browser, which may then confirm by the link of the mail alone; returns what is kept of the mark. */
export function markBrowser(core: Core, context: RequestContext): string {
  const mark = newToken();
  const seconds = tokens['email-confirmation'].lifetime / SECOND;
  core.cookies.set(context, cookies.registration, mark, seconds);
  return tokenDigest(mark);
}

/** Whether this browser has the mark of which that is kept. */
export function isMarked(core: Core, { request }: RequestContext, kept: string | null): boolean {
  const mark = core.cookies.read(request, cookies.registration);
  return kept !== null && mark !== null && isToken(mark) && tokenDigest(mark) === kept;
}
