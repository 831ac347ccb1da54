import { defineFeature } from '../../auth/feature.ts';
import { cookies, events, flashes, tables } from './definitions.ts';
import { rememberedDevicesService } from './devices.ts';
import { rememberedData } from './personal-data.ts';
import { rememberSettings } from './settings.ts';
import { deleteDevicesOf, expiringDevices, rememberedDevicesStep } from './store.ts';
import * as words from './words.ts';

export { events, flashes } from './definitions.ts';
export {
  type RememberedDevice,
  type RememberedDevices,
  rememberedDeviceIds,
  rememberedDevicesService,
  WANTED as rememberDeviceFact,
} from './devices.ts';
export { rememberDeviceField, rememberedList } from './pages.ts';
export type { RememberedDeviceTables } from './store.ts';

/** Browsers that are not asked for a second factor for some time (`MFA_REMEMBER`), each of which its user can revoke. */
export const rememberedDevices = defineFeature({
  name: 'remembered-devices',
  words,
  cookies,
  events,
  flashes,
  tables,
  settings: rememberSettings,
  migrations: [rememberedDevicesStep],
  endOtherAccess: deleteDevicesOf,
  needs: { devices: rememberedDevicesService },
  compose: ({ database }, { devices }) => ({
    browserFacts: devices.isOn ? [devices.factsOf] : [],
    afterSignIn: devices.isOn ? [devices.remember] : [],
    expiring: [expiringDevices],
    personalData: [rememberedData(database)],
  }),
});
