import type { SettingFaults } from '../../auth/feature.ts';
import { oneOf, setting } from '../../platform/settings/index.ts';

export const magicLinkSettings = {
  magicLink: setting({
    name: 'MAGIC_LINK',
    meaning: 'Whether users can sign in with a mailed link or code instead of a password: `on` or `off`.',
    fallback: 'off',
    schema: oneOf(['on', 'off']),
  }),
};

/** Signing in by mail needs addresses, and a way to send mail. */
export const magicLinkFaults: SettingFaults = (settingsOf, { isMailPossible, hasAddresses }) => {
  if (settingsOf(magicLinkSettings).magicLink === 'off') return [];
  const messages = [
    ...(hasAddresses ? [] : ['is "on", and EMAIL is "off"; turn one of them']),
    ...(isMailPossible ? [] : ['is "on", and no mail can be sent; give SMTP_URL and MAIL_FROM, too, or off']),
  ];
  return messages.map((message) => ({ name: 'MAGIC_LINK', message }));
};
