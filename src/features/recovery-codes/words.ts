import { defineWords } from '../../platform/words/index.ts';

export const labelWords = defineWords({ label: 'Recovery codes' });

export const standingWords = defineWords({
  left: (left: number, all: number) => `${left} of ${all} codes are unused.`,
  few: 'Next step: few recovery codes are left, so create new ones.',
});

export const pageWords = defineWords({
  title: 'Recovery codes',
  lead: 'A recovery code lets you sign in when you have lost your second factor. Each works once.',
  left: (count: number) => (count === 1 ? '1 code is unused.' : `${count} codes are unused.`),
  create: 'Create new recovery codes',
  createAgain: 'Create other codes instead',
  keep: (username: string) =>
    `These are the recovery codes of ${username}. Each lets you sign in once when you have lost your second factor.`,
  once: 'They are shown only now. Download or print them, or write them down, and keep them where you find them without this device. Earlier codes do not work any more.',
  download: 'Download the codes as a text file',
  saved: 'I have saved them',
  back: 'How your account is protected',
  file: (site: string, username: string) =>
    `Recovery codes of ${username} for ${site}. Each works once, instead of the second factor.`,
  conflict: 'Another request has changed your account at the same moment. Try again.',
});

/** The codes of a factor that a sign-in has set up. */
export const signInCodesWords = defineWords({
  keep: (username: string) =>
    `These are the recovery codes of ${username}. If you lose what you sign in with, such as your passkey or your phone, each of them takes its place once.`,
  once: 'They are shown only now. Download or print them, or write them down, and keep them where you find them without this device.',
  savedAndSignIn: 'I have saved them: sign in',
  hidden: 'Your recovery codes are not shown any more. Sign in, and create new ones in your account.',
  signIn: 'Sign in',
});

export const stepWords = defineWords({
  title: 'Use a recovery code',
  lead: (username: string) => `Enter one of the recovery codes of ${username} that you have not used yet.`,
  code: 'Recovery code',
  hint: '16 letters and digits. Dashes, spaces and capital letters do not matter.',
});

export const emailWords = defineWords({
  recoveryCodeUsed: {
    subject: (site: string) => `A recovery code of your ${site} account was used`,
    lead: (site: string) => `A recovery code stood for your second factor at ${site}.`,
    left: (left: string) => `Unused codes: ${left}.`,
    advice:
      'If that was not you, another person has your codes and has passed your first factor: choose a new password, then set up your second factor and your recovery codes again.',
    help: 'Choose a new password',
  },
});

export const eventWords = defineWords({
  recoveryCodesReplaced: 'Recovery codes replaced',
  recoveryCodeUsed: 'Recovery code used',
});

export const flashWords = defineWords({
  recoveryCodeUsed: (count: number) =>
    `You have used a recovery code; ${count} ${count === 1 ? 'is' : 'are'} left. If you have lost your second factor, set it up again now.`,
  recoveryCodesReplaced: 'You have new recovery codes. The old ones do not work any more.',
  factorFirst: 'Set up a second factor first; recovery codes stand for it when it is lost.',
});
