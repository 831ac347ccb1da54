import { defineFeature, openRoute } from '../../auth/feature.ts';
import { showHtml, showMail, showMailbox, showSource } from './mailbox.ts';
import { mailboxPath } from './pages.ts';
import * as words from './words.ts';

export { mailboxPath } from './pages.ts';

/** The mail that a server in development would have sent, for the developer at its machine. In production there is none. */
export const devMailbox = defineFeature({
  name: 'dev-mailbox',
  words,
  bounds: [
    {
      routes: [
        'GET /dev/mailbox',
        'GET /dev/mailbox/mail',
        'GET /dev/mailbox/html',
        'GET /dev/mailbox/source',
      ],
      costs: 'a look-up',
      bound: 'development only, on this machine',
    },
  ],
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
