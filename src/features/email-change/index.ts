import { defineFeature } from '../../auth/feature.ts';
import { confirmAddressChange, confirmationPage } from './confirmation.ts';
import { bounds, changes, emails, events, flashes, limits, tokens } from './definitions.ts';
import { addressPage, requestAddressChange } from './request.ts';
import { undoAddressChange, undoPage } from './undo.ts';
import * as words from './words.ts';

export { formerAddresses } from './change-token.ts';

/** Changes the address of an account, or adds the first one. The owner of the old address can undo the change. */
export const emailChange = defineFeature({
  name: 'email-change',
  words,
  bounds,
  events,
  flashes,
  limits,
  emails,
  tokens,
  changes,
  isOn: ({ mail, settings }) => mail.isPossible && settings.email !== 'off',
  pages: [addressPage, confirmationPage, undoPage],
  actions: [requestAddressChange, confirmAddressChange, undoAddressChange],
});
