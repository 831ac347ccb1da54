/** The words of the page on which somebody says that a sign-in was not theirs. */
export const newDeviceWords = {
  title: 'Was that not you?',
  lead: (username: string) =>
    `A mail has told you of a sign-in to the account of ${username} with another browser. If that was not you, somebody else knows your password.`,
  whatHappens:
    'Press the button, and you are signed out everywhere, your password stops working, and we send you a mail with which you can choose a new one.',
  button: 'That was not me',
  itWasYou: 'It was you after all? Then close this page; nothing happens.',
  gone: {
    title: 'This link does not work',
    text: 'It may have been used already or have run out, or the account has another address now. If somebody else has changed that address, the mail about it has a link that undoes it. Otherwise choose a new password.',
    reset: 'Choose a new password',
  },
} as const;
