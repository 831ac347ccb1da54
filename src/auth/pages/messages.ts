import {
  backWords,
  codeFieldWords,
  emailStateWords,
  fieldWords,
  newPasswordWords,
  signInMethodWords,
} from './field-words.ts';

/**
 * Every word that people read, in one place. Another language is another object of this shape.
 * Texts are plain: they are escaped where they are drawn.
 */
export const messages = {
  fields: fieldWords.english,
  newPassword: newPasswordWords.english,
  language: 'en',
  /** How dates are written. */
  dates: 'en-GB',
  justNow: 'just now',
  navigation: {
    yourAccount: 'Your account, signed in as',
    signOut: 'Sign out',
  },
  errorTitle: (title: string) => `Error: ${title}`,
  profile: {
    username: 'Username',
    email: 'Email',
    noEmail: 'None given',
    emailVerified: emailStateWords.english.verified,
    emailUnverified: emailStateWords.english.unverified,
    memberSince: 'Member since',
  },
  account: { back: backWords.english.account },
  codeField: codeFieldWords.english,
  signInMethods: signInMethodWords.english,
  staleForm:
    'Nothing was sent: this form was out of date. You have signed in or out in another tab since it was opened, or your browser does not keep cookies. Check it, and send it again.',
  throttle: {
    wait: (seconds: number) =>
      seconds < 90
        ? `Too many attempts. Please try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`
        : `Too many attempts. Please try again in ${Math.ceil(seconds / 60)} minutes.`,
    proof: {
      working:
        'Your browser is doing a short calculation, so that you need not wait. You have nothing to do.',
      done: 'Done. You can try again now.',
      failed: 'Your browser could not do it. Please wait for the time above.',
    },
  },
  errors: {
    back: 'Go to the start page',
    /** Why a form was refused with 403. */
    refusedForm: {
      'forged-form': [
        'This form was not accepted',
        'It is too old, or it did not come from this site. Go back, reload the page and send it again.',
      ],
      'cross-site': [
        'This form was not accepted',
        'It was sent from a page of another site. Nothing was changed. If you wanted to do this, go to the page on this site and send the form there.',
      ],
      'no-origin': [
        'This form was not accepted',
        'Your browser does not say which site the form comes from. An extension or a setting for privacy may hide it (the headers Sec-Fetch-Site and Origin). Allow it for this site, then go back, reload the page and send the form again.',
      ],
      'body-consumed': [
        'This form was not accepted',
        'The form arrived without its content, which another part of this site had already read. Nothing is wrong with what you entered; the operator of this site has to fix it.',
      ],
    },
    requestId: 'If you report this, mention the number',
    retrySeconds: (seconds: number) =>
      seconds < 90
        ? `Please try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`
        : `Please try again in ${Math.ceil(seconds / 60)} minutes.`,
    400: ['That request made no sense', 'Something was garbled on the way. Go back and try again.'],
    401: ['Please sign in', 'This page is for people who are signed in.'],
    403: [
      'That is not allowed',
      'You may not do this. If you should be able to, ask the operator of this site.',
    ],
    404: ['Page not found', 'There is nothing at this address. It may be mistyped, or the page has moved.'],
    405: ['That is not possible here', 'This address does not take that kind of request.'],
    409: ['That has changed meanwhile', 'Another request was faster. Go back and look again.'],
    410: ['That is used up', 'This can be used once, and for a limited time. Ask for another one.'],
    413: ['That is too much', 'What was sent is larger than any form here. Shorten it and try again.'],
    414: ['That address is too long', 'No address here is that long. Start again from the start page.'],
    415: ['That format is not understood', 'Forms are expected here, sent by a web browser.'],
    421: [
      'This is not the right address',
      'This server does not answer under that name, but at the address below.',
    ],
    422: ['Something is missing', 'Some of what was sent cannot be used. Go back and check it.'],
    429: ['Too many attempts', 'To protect everybody here, further attempts have to wait a little.'],
    431: [
      'Your browser sent too much',
      'Too many cookies or headers came with this request. Clearing this site’s cookies helps.',
    ],
    500: [
      'Something went wrong',
      'The fault is ours, and it has been recorded. Please try again in a while.',
    ],
    503: ['Too busy right now', 'The server cannot take this on at the moment. Nothing was changed.'],
  } as const,
};
