import { definePage } from '../../auth/action.ts';
import { type AuditRecord, describeRecord } from '../../platform/audit-log/index.ts';
import { accountView } from './pages.ts';
import { shownEvents } from './shown-events.ts';

/** More than are shown, as equal ones in a row are combined. */
const RECORDS_READ = 100;

/** What is kept of the user, and the links to the pages that change it. */
export const accountPage = definePage({
  path: '/account',
  access: 'signed-in',
  load:
    ({ audit, events: definitions, methodLabel, clock, mail, settings, slots }) =>
    async ({ signedIn: { user }, words }) => {
      const records = await audit.newestOf(user.id, RECORDS_READ);
      const describe = (record: AuditRecord) => describeRecord(definitions, words, record, methodLabel);
      return {
        user,
        canConfirm: mail.isPossible,
        canChangeAddress: mail.isPossible && settings.email !== 'off',
        panels: slots().accountPanels,
        events: shownEvents(records, describe),
        now: clock(),
      };
    },
  view: accountView,
});
