import type { Core } from '../../core/core.ts';
import type { SignedInContext } from '../../core/http/context.ts';
import { messages } from '../../core/pages/messages.ts';
import { accountBody } from './pages.ts';

/** GET /account: what is kept of somebody, and the ways to the pages that change it. */
export function showAccount({ pages }: Core) {
  return (context: SignedInContext) =>
    pages.show(context, 200, {
      title: messages.account.title,
      body: accountBody(context.signedIn.user),
      width: 'wide',
    });
}
