import { definePage } from '../../auth/action.ts';
import { type AuditRecord, describeRecord } from '../../platform/audit-log/index.ts';
import { factorPolicyService } from '../second-factors/index.ts';
import { accountView } from './pages.ts';
import { shownEvents } from './shown-events.ts';

/** More than are shown, as equal ones in a row are combined. */
const RECORDS_READ = 100;

/** What is kept of the user, and the links to the pages that change it. */
export const accountPage = definePage({
  path: '/account',
  access: 'signed-in',
  needs: { policy: factorPolicyService },
  load:
    ({ audit, events: definitions, methodLabel, clock, mail, settings, slots }, { policy }) =>
    async ({ signedIn: { user, session }, words }) => {
      const records = await audit.newestOf(user.id, RECORDS_READ);
      const describe = (record: AuditRecord) => describeRecord(definitions, words, record, methodLabel);
      return {
        user,
        until: (await policy.demandOn(user.id, session))?.until ?? null,
        canConfirm: mail.isPossible,
        canChangeAddress: mail.isPossible && settings.email !== 'off',
        panels: slots().accountPanels,
        events: shownEvents(records, describe),
        now: clock(),
      };
    },
  view: accountView,
});
