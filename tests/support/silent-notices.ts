import type { Notices } from '../../src/core/mail/notices.ts';

/** For what is tried without mail. */
export const SILENT: Notices = {
  queue: async () => {},
  occasionOf: (_, now) => ({ at: now, browser: null, place: null, address: null }),
};
