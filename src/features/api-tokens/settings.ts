import { z } from 'zod';
import {
  duration,
  givenAs,
  oneOf,
  optionalSetting,
  refuse,
  type SettingsOf,
  setting,
} from '../../platform/settings/index.ts';

/** In lower case, because each is also the end of the name of a field. */
const SCOPE = /^[a-z0-9][a-z0-9._:-]{0,63}$/;
/** What a row of a token can contain. */
export const MOST_SCOPE_CHARACTERS = 600;

const scopeNames: z.ZodType<readonly string[], string> = z.string().transform((text, context) => {
  const names = text.split(',').map((name) => name.trim());
  const given = [...new Set(names.filter((name) => name !== ''))];
  if (given.length === 0 || !given.every((name) => SCOPE.test(name)))
    return refuse(
      context,
      'is no list of scopes; give names of lower-case letters, digits and ._:- separated by commas',
    );
  if (given.join(' ').length > MOST_SCOPE_CHARACTERS)
    return refuse(context, `is too long; give at most ${MOST_SCOPE_CHARACTERS} characters`);
  return given;
});

export const apiTokenSettings = {
  apiTokens: optionalSetting({
    name: 'API_TOKENS',
    meaning: 'Whether users can create API tokens at `/account/tokens`: `on` or `off`.',
    fallbackMeaning: '`on` with `SCOPES`, else `off`',
    schema: oneOf(['on', 'off']),
  }),
  apiTokenLifetime: setting({
    name: 'API_TOKEN_LIFETIME',
    meaning: 'The longest time for which an API token works; its user may choose a shorter one.',
    fallback: '90d',
    schema: duration({ minimum: '1d', maximum: '365d' }),
  }),
  scopes: optionalSetting({
    name: 'SCOPES',
    meaning:
      'What API tokens can be limited to, separated by commas, such as `notes:read,notes:write`. A token then has the chosen ones, and the application requires one on each route.',
    fallbackMeaning: 'none; a token gives access to all that the application admits tokens to',
    neverEmpty: true,
    schema: givenAs({ list: 'commas' }, scopeNames),
  }),
};

/** Whether API tokens exist with these settings. */
export function areTokensOn(settingsOf: SettingsOf): boolean {
  const { apiTokens, scopes } = settingsOf(apiTokenSettings);
  return (apiTokens ?? (scopes === undefined ? 'off' : 'on')) === 'on';
}
