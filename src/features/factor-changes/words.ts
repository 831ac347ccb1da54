import { defineWords } from '../../platform/words/index.ts';

/** The page that undoes a change of second factors. */
export const undoWords = defineWords({
  title: 'Undo a change of second factors',
  lead: (username: string) =>
    `Was it not you who changed the second factors of ${username}? Then press the button, and they are again what they were before:`,
  removed: (label: string) => `Removed: ${label}`,
  restored: (label: string) => `Works again: ${label}`,
  consequences:
    'You are signed out everywhere, the accounts at other sites are disconnected, and your password stops working. We send you a mail with which you can choose a new one.',
  consequencesElsewhere:
    'You are signed out everywhere, the accounts at other sites are disconnected, and the password stops working. This address is not the one of the account any more: if you did not change that, undo it with the link of our mail about it, which also lets you choose a new password.',
  button: 'Undo the change',
  itWasYou: 'It was you after all? Then close this page; nothing happens.',
  invalid: {
    title: 'This link does not work',
    text: 'It may have been used already or have run out, or the change was undone otherwise. If another person is in your account, choose a new password.',
    reset: 'Choose a new password',
  },
});

export const emailWords = defineWords({
  secondFactorChangeUndone: {
    subject: (site: string) => `The second factors of your ${site} account are what they were before`,
    lead: (site: string) =>
      `A change of the second factors of your account at ${site} was undone by the link of our mail about it. You are signed out everywhere, and the password no longer works.`,
    advice:
      'Choose a new password. If you did not undo the change, another person reads your mail: protect your mailbox first.',
    help: 'Choose a new password',
  },
});

export const eventWords = defineWords({
  secondFactorChangeUndone: 'Change of second factors undone: signed out everywhere, password disabled',
});

export const flashWords = defineWords({
  factorChangeUndone:
    'The change is undone, and you are signed out everywhere. We have sent you a mail with which you can choose a new password.',
  factorChangeUndoneElsewhere:
    'The change is undone, and every session has ended. If you did not change the address of the account either, undo that with the link of our mail about it.',
});
