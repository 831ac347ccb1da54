import type { Core } from '../../auth/core.ts';
import type { Feature } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import type { Site } from '../../platform/web/pages/layout.ts';
import { showHtml, showMail, showMailbox, showSource } from './mailbox.ts';

/** The mail that a server in development would have sent, for whoever sits at its machine. Elsewhere there is none. */
export function devMailbox(core: Core, site: Site): Feature {
  const { mailbox } = core.mail;
  const open = { method: 'GET', access: 'open', limit: 'none' } as const;
  return {
    name: 'dev-mailbox',
    needs: [],
    settings: {},
    tables: [],
    routes:
      mailbox === null
        ? []
        : [
            { ...open, path: paths.devMailbox, handle: showMailbox(core.answers, site, mailbox) },
            { ...open, path: '/dev/mailbox/mail', handle: showMail(core.answers, site, mailbox) },
            { ...open, path: '/dev/mailbox/html', handle: showHtml(core.answers, mailbox) },
            { ...open, path: '/dev/mailbox/source', handle: showSource(core.answers, mailbox) },
          ],
  };
}
