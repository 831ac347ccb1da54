import { defineWords } from '../../platform/words/index.ts';

/** The choice beside the code of a second factor. */
export const choiceWords = defineWords({
  label: (days: number) =>
    days === 1
      ? 'Do not ask again in this browser for a day'
      : `Do not ask again in this browser for ${days} days`,
  hint: 'Only on a device that no other person uses. Your password is still asked for, and what is sensitive asks for the code.',
});

export const listWords = defineWords({
  title: 'Not asked for a second factor',
  lead: 'Signing in with these browsers does not ask for your second factor.',
  isThis: 'This browser',
  since: 'Remembered',
  until: 'Until',
  lastUsed: 'Last used',
  never: 'Not yet',
  forget: 'Ask again',
  /** Distinguishes several such buttons for users of screen readers. */
  forgetWhich: (device: string, since: string) => `${device}, remembered ${since}`,
});

export const eventWords = defineWords({
  deviceRemembered: 'A browser is not asked for the second factor again',
  deviceForgotten: 'A browser is asked for the second factor again',
});

export const flashWords = defineWords({
  deviceForgotten: 'That browser is asked for your second factor again.',
  deviceNotFound: 'That browser was asked for your second factor already.',
});
