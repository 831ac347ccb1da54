import type { Core } from '../../auth/core.ts';
import { messages } from '../../auth/pages/messages.ts';
import { type AuditRecord, describeRecord } from '../../platform/audit-log/index.ts';
import type { SignedInContext } from '../../platform/web/context.ts';
import { accountBody } from './pages.ts';
import { shownEvents } from './shown-events.ts';

/** More than are shown, as those of one kind become one line. */
const RECORDS_READ = 100;

/** GET /account: what is kept of somebody, and the ways to the pages that change it. */
export function showAccount({ pages, audit, events: definitions, clock, mail, settings, slots }: Core) {
  return async (context: SignedInContext) => {
    const { user } = context.signedIn;
    const records = await audit.newestOf(user.id, RECORDS_READ);
    const describe = (record: AuditRecord) => describeRecord(definitions, context.words, record);
    const events = shownEvents(records, describe);
    const body = accountBody({
      user,
      canConfirm: mail.isPossible,
      canChangeAddress: mail.isPossible && settings.email !== 'off',
      panels: slots().accountPanels,
      events,
      now: clock(),
    });
    return pages.show(context, 200, { title: messages.account.title, body, width: 'wide' });
  };
}
