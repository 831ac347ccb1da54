/** The words of the pages on which people get a new password without the old one. */
export const passwordResetWords = {
  request: {
    title: 'Forgot your password?',
    lead: 'Enter your username or email address, and we send a mail with which you can choose a new password.',
    missing: 'Enter your username or email address.',
    button: 'Send the mail',
    back: 'Back to sign in',
  },
  impossible: {
    title: 'Forgot your password?',
    text: 'This site sends no mail. Ask whoever runs it for a link with which you can choose a new password.',
  },
  choose: {
    title: 'Choose a new password',
    lead: (username: string) =>
      `This is about the account of ${username}. You will be signed out everywhere, and then sign in with the new password.`,
    password: 'New password',
    disconnect: (ways: readonly string[]) =>
      `Disconnect ${new Intl.ListFormat('en-GB').format([...new Set(ways)])}, too`,
    disconnectHint:
      'Tick this if somebody else may have been in this account: what they have connected lets them in again without a password. You can connect yours anew.',
    button: 'Set the new password',
    notYours: 'You did not ask for this? Then close this page; your password stays as it is.',
  },
  gone: {
    title: 'This link does not work',
    text: 'It may have been used already or have run out, a newer mail may have been sent, or the account was changed since. You can have another mail sent.',
    again: 'Have another mail sent',
  },
} as const;
