import type { Notices } from '../../src/auth/mail/notices.ts';
import { occasionWithoutDevice } from '../../src/platform/mail/index.ts';

/** For tests without mail. */
export const SILENT: Pick<Notices, 'queue' | 'occasionOf'> = {
  queue: async () => {},
  occasionOf: (_, now) => occasionWithoutDevice(now),
};
