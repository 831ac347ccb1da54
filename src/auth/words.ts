import { defineWords } from '../platform/words/index.ts';

/** What a page says above a form that was drawn for another session. */
export const staleFormWords = defineWords({
  text: 'Nothing was sent: this form was out of date. You have signed in or out in another tab since it was opened, or your browser does not keep cookies. Check it, and send it again.',
});

/** The words of the mails about accounts and sessions. */
export const emailWords = defineWords({
  mailFooter: 'It never asks for your password by mail.',
  sessionEndedAfterTheft: {
    subject: (site: string) => `Your session at ${site} was ended to protect you`,
    lead: (site: string) =>
      `An old copy of the cookie that kept you signed in at ${site} was used, so that session was ended.`,
    advice:
      'If you have not restored an old backup of your browser, its cookies may have been copied: check that device for malicious software, and choose a new password.',
    help: 'Choose a new password',
  },
  accountDisabled: {
    subject: (site: string) => `Your ${site} account was disabled`,
    lead: (site: string) =>
      `Your account at ${site} was disabled. You are signed out everywhere and cannot sign in.`,
    advice: 'If you think that this is a mistake, contact the operator of the site.',
  },
  accountDeletionRequested: {
    subject: (site: string) => `Your ${site} account will be deleted`,
    lead: (site: string, deletion: string) =>
      `We received a request to delete your account at ${site}. It will be deleted on ${deletion}, with everything that is stored for it.`,
    keep: 'If you have changed your mind: signing in keeps your account.',
    advice:
      'If that was not you, another person may be in your account. Sign in to keep it, and then choose a new password at once.',
    help: 'Sign in and keep it',
  },
  accountDeleted: {
    subject: (site: string) => `Your ${site} account was deleted`,
    lead: (site: string) => `Your account at ${site} was deleted, with everything that was kept with it.`,
    advice: 'If you did not want that, contact the operator of the site. It cannot be undone here.',
  },
});
