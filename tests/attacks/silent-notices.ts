import { type Notices, occasionWithoutDevice } from '../../src/auth/mail/notices.ts';

/** For tests without mail. */
export const SILENT: Pick<Notices, 'queue' | 'occasionOf'> = {
  queue: async () => {},
  occasionOf: (_, now) => occasionWithoutDevice(now),
};
