import { defineFeature } from '../../auth/feature.ts';
import { bounds, changes, emails, events, flashes, limits, tables } from './definitions.ts';
import { createToken, newTokenPage } from './new-token.ts';
import { tokensPanel } from './panel.ts';
import { apiTokenData } from './personal-data.ts';
import { apiTokenSettings, areTokensOn } from './settings.ts';
import { apiTokensStep, deleteApiTokensOf, expiringApiTokens } from './store.ts';
import { tokensCommand } from './tokens-command.ts';
import { revokeAllTokens, revokeToken, tokensPage } from './tokens-page.ts';
import * as words from './words.ts';

export { type ApiToken, apiTokenIds } from './api-token.ts';
export {
  type ApiTokens,
  apiTokenNotice,
  apiTokensService,
  type MadeToken,
  parseTokenName,
} from './api-tokens.ts';
export { emails, events, MOST_TOKENS } from './definitions.ts';
export { parseLifetime } from './lifetimes.ts';
export { areTokensOn, MOST_SCOPE_CHARACTERS } from './settings.ts';

/** Tokens with which API clients use an account at the application’s own routes, and at none of Latchkey. */
export const apiTokens = defineFeature({
  name: 'api-tokens',
  words,
  bounds,
  events,
  emails,
  changes,
  flashes,
  limits,
  tables,
  settings: apiTokenSettings,
  migrations: [apiTokensStep],
  endOtherAccess: deleteApiTokensOf,
  commands: tokensCommand,
  isOn: ({ settingsOf }) => areTokensOn(settingsOf),
  pages: [tokensPage, newTokenPage],
  actions: [createToken, revokeToken, revokeAllTokens],
  compose: ({ database, settingsOf }) => ({
    accountPanels: areTokensOn(settingsOf) ? [tokensPanel(database)] : [],
    expiring: [expiringApiTokens],
    personalData: [apiTokenData(database)],
  }),
});
