import { z } from 'zod';
import type { SettingFaults } from '../../auth/feature.ts';
import { givenAs, optionalSetting, refuse, type SettingsOf } from '../../platform/settings/index.ts';
import { areTokensOn } from '../api-tokens/index.ts';

const CLIENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

const clientNames: z.ZodType<readonly string[], string> = z.string().transform((text, context) => {
  const names = text.split(',').map((name) => name.trim());
  const given = [...new Set(names.filter((name) => name !== ''))];
  return given.length > 0 && given.every((name) => CLIENT.test(name))
    ? given
    : refuse(context, 'is no list of clients; give names of letters, digits and ._- separated by commas');
});

export const deviceGrantSettings = {
  deviceClients: optionalSetting({
    name: 'DEVICE_CLIENTS',
    meaning:
      'API clients without a browser, such as command lines, to which users give an API token at `/device` (RFC 8628): their `client_id`s, separated by commas, such as `notes-cli`. Users see these names.',
    fallbackMeaning: 'none; there is no `/device`',
    schema: givenAs({ list: 'commas' }, clientNames),
  }),
};

/** What such a program gets is an API token. */
export const deviceGrantFaults: SettingFaults = (settingsOf) => {
  const isLost = settingsOf(deviceGrantSettings).deviceClients !== undefined && !areTokensOn(settingsOf);
  const message = 'is given, and there are no API tokens; set API_TOKENS to on, or give SCOPES';
  return isLost ? [{ name: 'DEVICE_CLIENTS', message }] : [];
};

export function isGrantOn(settingsOf: SettingsOf): boolean {
  return settingsOf(deviceGrantSettings).deviceClients !== undefined;
}
