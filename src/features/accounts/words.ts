import { defineWords } from '../../platform/words/index.ts';

export const accountWords = defineWords({
  title: 'Your account',
  lead: 'What is stored about you here, and what you can do about it.',
  profileTitle: 'Profile',
  confirmAddress: 'Confirm your email address',
  changeAddress: 'Change your email address',
  addAddress: 'Add an email address',
  eventsTitle: 'Recent events',
  eventsLead: 'If you do not recognise one of these, change your password above.',
  noEvents: 'Nothing is recorded yet.',
  from: (address: string) => `from ${address}`,
  times: (count: number) => `${count} times`,
  dataTitle: 'Your data',
  data: 'Everything that is stored about you, as one file that people and programs can read (JSON).',
  exportData: 'Download your data',
  deletionTitle: 'Delete your account',
  deletion: 'Your account and everything that is stored with it are deleted for good.',
  deleteAccount: 'Delete your account',
});

export const exportWords = defineWords({
  refused: 'No further download now',
  underWay: 'A download of your data is in progress. Wait until it has finished, then try again.',
});

export const deletionWords = defineWords({
  title: 'Delete your account',
  lead: (username: string) => `This is about the account of ${username}.`,
  whatGoes: 'These will be deleted:',
  goes: [
    'your username and email address',
    'your password, which is kept only as a hash, and the sites that you have connected',
    'the list of your sessions, with the addresses and browsers that they came from',
  ] as readonly string[],
  isKept: (days: number) =>
    `What happened with your account, such as sign-ins with their addresses, stays in the security record for ${days} ${days === 1 ? 'day' : 'days'} after it happened, without your name.`,
  nameBecomesFree: 'Your username becomes free, so that another user may take it.',
  beforeTime: 'You are signed out everywhere at once. Everything is deleted on',
  afterTime: ', unless you sign in before then: that keeps your account as it is.',
  atOnce: 'This happens at once and cannot be undone.',
  button: 'Delete my account',
  stay: 'Keep my account',
  referenced:
    'Your account cannot be deleted yet, because other data on this site still belongs to it. Nothing has changed. Please contact the operator of this site.',
});

/** Whether an address is confirmed. */
export const emailStateWords = defineWords({ verified: 'confirmed', unverified: 'not confirmed' });

export const profileWords = defineWords({
  noEmail: 'None given',
  memberSince: 'Member since',
});

export const eventWords = defineWords({
  accountDeletionRequested: 'Deletion of the account requested',
  dataExported: 'Data downloaded',
});

export const flashWords = defineWords({
  deletionRequested:
    'You are signed out everywhere, and your account will be deleted at the time that was shown. To keep it after all, sign in before then.',
  accountDeleted: 'Your account was deleted.',
});
