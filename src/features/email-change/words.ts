/** The words of the pages on which people change their address. */
export const emailChangeWords = {
  title: 'Your email address',
  change: 'Change your email address',
  add: 'Add an email address',
  current: 'Your address is',
  none: 'You have given no address yet. With one you can sign in by it, and get a new password when you forget yours.',
  waiting: 'A mail is waiting to be opened at',
  address: 'New email address',
  hint: 'We send a mail there. Nothing changes before you have opened its link.',
  button: 'Send the mail',
  missing: 'Enter an email address.',
  same: 'That is your address already.',
  confirm: {
    title: 'Use this address?',
    lead: (username: string) => `This is about the account of ${username}. From now on its address is`,
    consequences:
      'You will be signed out everywhere else. If you had another address, it gets a mail with which the change can be undone for three days.',
    button: 'Use this address',
  },
  gone: {
    title: 'This link does not work',
    text: 'It may have been used already, have run out, or belong to another account than the one that you are signed in to; or a newer mail was sent, or somebody has this address.',
    again: 'Your email address',
  },
  undo: {
    title: 'Undo the change of address?',
    lead: (username: string) => `The account of ${username} gets its old address back:`,
    consequences:
      'Everybody is signed out of it, its password stops working, and we send a mail to this address with which you can choose a new one.',
    button: 'Undo the change',
    notNeeded: 'You changed it yourself? Then close this page; nothing happens.',
    gone: 'It may have been used already or have run out, or another account has this address by now. If somebody else is in your account, ask whoever runs this site.',
  },
} as const;
