import { defineWords } from '../../platform/words/index.ts';

export const dashboardWords = defineWords({
  title: 'Dashboard',
  heading: 'Welcome to your dashboard!',
  lead: (username: string) => `You are signed in as ${username}.`,
  accountTitle: 'Your account',
  sessionTitle: 'This session',
  signedInAt: 'Signed in',
  method: 'Signed in with',
  endsAt: 'Ends at the latest',
  sessions: 'See everywhere you are signed in',
  manage: 'Manage your account',
});
