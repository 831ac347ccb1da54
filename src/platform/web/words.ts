import { defineWords } from '../words/index.ts';

export const formWords = defineWords({
  optional: '(optional)',
  showPassword: 'Show password',
  severalProblems: (count: number) => `${count} fields need your attention:`,
  /** For users who see the page without its style sheet. */
  trap: 'Leave this field empty',
});

export const pageWords = defineWords({
  errorTitle: (title: string) => `Error: ${title}`,
});

export const timeWords = defineWords({
  justNow: 'just now',
});

/** What an error page says: its title, and what to do now. */
type ErrorText = readonly [title: string, text: string];

const formNotAccepted = 'This form was not accepted';

const statusTexts = {
  400: ['That request made no sense', 'Something was garbled on the way. Go back and try again.'],
  403: [
    'That is not allowed',
    'You may not do this. If you should be able to, ask the operator of this site.',
  ],
  404: ['Page not found', 'There is nothing at this address. It may be mistyped, or the page has moved.'],
  405: ['That is not possible here', 'This address does not take that kind of request.'],
  413: ['That is too much', 'What was sent is larger than any form here. Shorten it and try again.'],
  414: ['That address is too long', 'No address here is that long. Start again from the start page.'],
  415: ['That format is not understood', 'Forms are expected here, sent by a web browser.'],
  421: [
    'This is not the right address',
    'This server does not answer under that name, but at the address below.',
  ],
  431: [
    'Your browser sent too much',
    'Too many cookies or headers came with this request. Clearing this site’s cookies helps.',
  ],
  500: ['Something went wrong', 'The fault is ours, and it has been recorded. Please try again in a while.'],
  503: ['Too busy right now', 'The server cannot take this on at the moment. Nothing was changed.'],
} satisfies Readonly<Record<number, ErrorText>>;

export type ErrorStatus = keyof typeof statusTexts;

const refusedForms = {
  'forged-form': [
    formNotAccepted,
    'It is too old, or it did not come from this site. Go back, reload the page and send it again.',
  ],
  'cross-site': [
    formNotAccepted,
    'It was sent from a page of another site. Nothing was changed. If you wanted to do this, go to the page on this site and send the form there.',
  ],
  'no-origin': [
    formNotAccepted,
    'Your browser does not say which site the form comes from. An extension or a setting for privacy may hide it (the headers Sec-Fetch-Site and Origin). Allow it for this site, then go back, reload the page and send the form again.',
  ],
  'body-consumed': [
    formNotAccepted,
    'The form arrived without its content, which another part of this site had already read. Nothing is wrong with what you entered; the operator of this site has to fix it.',
  ],
} satisfies Readonly<Record<string, ErrorText>>;

export const errorWords = defineWords<{
  readonly status: Readonly<Record<ErrorStatus, ErrorText>>;
  /** Why a form was refused with 403. */
  readonly refusedForm: Readonly<Record<keyof typeof refusedForms, ErrorText>>;
  /** Why the host may be wrong although the user opened the right address. */
  readonly hostOfServer: string;
  readonly back: string;
  readonly requestId: string;
  readonly retry: (seconds: number) => string;
}>({
  status: statusTexts,
  refusedForm: refusedForms,
  hostOfServer:
    'The request named the server itself and not this site. If you opened the address below, another part of this site has replaced it on the way; the operator of this site has to fix it.',
  back: 'Go to the start page',
  requestId: 'If you report this, mention the number',
  retry: (seconds) =>
    seconds < 90
      ? `Please try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`
      : `Please try again in ${Math.ceil(seconds / 60)} minutes.`,
});

export const eventWords = defineWords({
  requestRefused: 'A request was refused: forged, outdated or for another host',
});

export const deviceWords = defineWords({
  device: (browser: string | null, system: string | null) =>
    `${browser ?? 'Unknown browser'}${system === null ? '' : ` on ${system}`}`,
});
