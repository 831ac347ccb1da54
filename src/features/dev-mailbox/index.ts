import { defineFeature, openRoute } from '../../auth/feature.ts';
import { showHtml, showMail, showMailbox, showSource } from './mailbox.ts';
import { mailboxPath } from './pages.ts';
import * as words from './words.ts';

export { mailboxPath } from './pages.ts';

/** The mail that a server in development would have sent, for the developer at its machine. In production there is none. */
export const devMailbox = defineFeature({
  name: 'dev-mailbox',
  words,
  compose: ({ answers, site, mail: { mailbox } }) => ({
    routes:
      mailbox === null
        ? []
        : [
            openRoute(mailboxPath, showMailbox(answers, site, mailbox)),
            openRoute('/dev/mailbox/mail', showMail(answers, site, mailbox)),
            openRoute('/dev/mailbox/html', showHtml(answers, mailbox)),
            openRoute('/dev/mailbox/source', showSource(answers, mailbox)),
          ],
  }),
});
