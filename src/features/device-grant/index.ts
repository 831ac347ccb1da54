import { defineFeature, type Route } from '../../auth/feature.ts';
import { apiTokensService } from '../api-tokens/index.ts';
import { bounds, changes, events, flashes, limits, tables } from './definitions.ts';
import { deviceGrantsService } from './device-grants.ts';
import { receiveDeviceRequest, receiveTokenRequest } from './endpoints.ts';
import { deviceGrantData } from './personal-data.ts';
import { deviceGrantFaults, deviceGrantSettings, isGrantOn } from './settings.ts';
import { deleteExpiredGrants, deleteGrantsOf, deviceGrantsStep } from './store.ts';
import { codePage, confirmPage, decide, enterCode } from './verification.ts';
import * as words from './words.ts';

/** API tokens for devices without a browser: the user types their code on another one (RFC 8628). */
export const deviceGrant = defineFeature({
  name: 'device-grant',
  words,
  bounds,
  events,
  changes,
  flashes,
  limits,
  tables,
  tablesNotCopied: { device_grants: 'a device that waits at this moment begins again' },
  settings: deviceGrantSettings,
  settingFaults: deviceGrantFaults,
  migrations: [deviceGrantsStep],
  endOtherAccess: deleteGrantsOf,
  isOn: ({ settingsOf }) => isGrantOn(settingsOf),
  pages: [codePage, confirmPage],
  actions: [enterCode, decide],
  needs: { grants: deviceGrantsService, apiTokens: apiTokensService },
  compose: (core, parts) => ({
    expiring: [deleteExpiredGrants(core.database)],
    personalData: [deviceGrantData(core.database)],
    routes: isGrantOn(core.settingsOf)
      ? [
          endpoint('/device/code', 'nothing', receiveDeviceRequest(core, parts)),
          endpoint('/device/token', 'what-is-approved', receiveTokenRequest(core, parts)),
        ]
      : [],
  }),
});

type Endpoint = Extract<Route, { readonly method: 'POST'; readonly access: 'open' }>;

/** For devices, which have neither cookies nor our pages. */
function endpoint(
  path: Endpoint['path'],
  changes: Endpoint['changes'],
  handle: Endpoint['handle'],
): Endpoint {
  return { method: 'POST', path, access: 'open', limit: 'none', changes, handle };
}
