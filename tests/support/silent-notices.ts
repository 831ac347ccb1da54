import { type Notices, occasionWithoutDevice } from '../../src/core/mail/notices.ts';

/** For what is tried without mail. */
export const SILENT: Notices = {
  queue: async () => {},
  occasionOf: (_, now) => occasionWithoutDevice(now),
};
