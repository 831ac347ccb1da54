import type { EventDetails } from '../../platform/events/index.ts';
import { defineWords } from '../../platform/words/index.ts';

/** The panel of the account page. */
export const sessionsPanelWords = defineWords({
  title: 'Where you are signed in',
  text: 'Every browser that you are signed in on, and a way to sign each of them out.',
  link: 'See everywhere you are signed in',
});

export const sessionsStandingWords = defineWords({
  browsers: (count: number) => (count === 1 ? 'One browser.' : `${count} browsers.`),
});

export const sessionsWords = defineWords({
  title: 'Where you are signed in',
  lead: 'If you do not recognise one of these, sign it out and',
  changePassword: 'change your password',
  afterLead: '.',
  isThis: 'This browser',
  callsItself: (name: string) => `It calls itself “${name}”.`,
  lastSeen: 'Last seen',
  signedIn: 'Signed in',
  signedInWith: (method: string) => `with ${method}`,
  address: 'Address',
  place: (place: string) => `about ${place}`,
  isKept: 'Kept signed in',
  yes: 'Yes',
  until: 'until',
  no: 'No',
  end: 'Sign out',
  /** Distinguishes several such buttons for users of screen readers. */
  endWhich: (device: string, lastSeen: string) => `${device}, last seen ${lastSeen}`,
  endOthers: 'Sign out everywhere else',
  isOnlyOne: 'You are signed in nowhere else.',
  back: 'Back to the dashboard',
});

export const eventWords = defineWords({
  otherSessionsEnded: ({ count }: EventDetails) =>
    count === undefined ? 'Signed out everywhere else' : `Signed out everywhere else: ${count}`,
});

export const flashWords = defineWords({
  sessionEnded: 'That browser is signed out now.',
  sessionNotFound: 'That browser was signed out already.',
  otherSessionsEnded: (count: number) =>
    count === 0
      ? 'You were signed in nowhere else.'
      : `You are signed out in ${count} other ${count === 1 ? 'place' : 'places'} now.`,
});
