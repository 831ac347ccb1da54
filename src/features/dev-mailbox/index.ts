import { defineFeature } from '../../auth/feature.ts';
import { showHtml, showMail, showMailbox, showSource } from './mailbox.ts';
import { mailboxPath } from './pages.ts';

export { mailboxPath } from './pages.ts';

/** The mail that a server in development would have sent, for the developer at its machine. In production there is none. */
export const devMailbox = defineFeature({
  name: 'dev-mailbox',
  settings: {},
  tables: [],
  compose: (core) => {
    const { site } = core;
    const { mailbox } = core.mail;
    const open = { method: 'GET', access: 'open', limit: 'none' } as const;
    return {
      routes:
        mailbox === null
          ? []
          : [
              { ...open, path: mailboxPath, handle: showMailbox(core.answers, site, mailbox) },
              { ...open, path: '/dev/mailbox/mail', handle: showMail(core.answers, site, mailbox) },
              { ...open, path: '/dev/mailbox/html', handle: showHtml(core.answers, mailbox) },
              { ...open, path: '/dev/mailbox/source', handle: showSource(core.answers, mailbox) },
            ],
    };
  },
});
