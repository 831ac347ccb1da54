import type { Secrets } from '../secrets.ts';
import type { CoreSettings } from '../settings/resolve.ts';
import { createOutbox, type Mail } from './outbox.ts';
import { createMailRenderer } from './render.ts';
import { createMailSeal } from './seal.ts';

/** Opens the way of mail out of this system. */
export function openMail(settings: CoreSettings, secrets: Secrets): Mail {
  const { siteName, accentColor, baseUrl, isSecure } = settings;
  return createOutbox({
    route: isSecure ? 'nowhere' : 'mailbox',
    render: createMailRenderer({ name: siteName, origin: baseUrl.origin }, accentColor),
    seal: createMailSeal(secrets),
    onQueued: () => {},
  });
}
