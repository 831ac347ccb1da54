import { z } from 'zod';
import { defineAction, text } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { originOf } from '../../platform/web/index.ts';
import {
  events,
  flashes,
  rememberedDeviceIds,
  rememberedDevicesService,
} from '../remembered-devices/index.ts';

/** Has a browser be asked for the second factor again. The id of another account's is answered like one that does not exist (A17). */
export const forgetDevice = defineAction({
  path: '/account/sessions/forget-device',
  page: '/account/sessions',
  access: 'signed-in',
  needs: { devices: rememberedDevicesService },
  input: z.object({ device: text() }),
  reasons: {},
  run:
    (core, { devices }) =>
    async ({ context, input }) => {
      const { user, session } = context.signedIn;
      const id = rememberedDeviceIds.parse(input.device);
      const isForgotten = id !== null && (await devices.forget(user.id, id));
      const about = { accountId: user.id, sessionId: session.id };
      if (isForgotten) core.announce(events.deviceForgotten, about, originOf(context));
      const flash = isForgotten ? flashes.deviceForgotten : flashes.deviceNotFound;
      return { ok: true, next: paths.sessions, flashes: [flash], data: { forgotten: isForgotten ? 1 : 0 } };
    },
});
