import { isIP } from 'node:net';
import { z } from 'zod';
import type { SettingFaults } from '../../auth/feature.ts';
import {
  type Fault,
  givenAs,
  oneOf,
  optionalSetting,
  refuse,
  setting,
} from '../../platform/settings/index.ts';

/** What browsers read of the related origins: five different sites at least, so no more are promised (WebAuthn Level 3 §5.11). */
const MOST_ORIGINS = 20;

const relyingPartyId: z.ZodType<string, string> = z.string().transform((text, context) => {
  const id = text.trim().toLowerCase();
  return /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(id)
    ? id
    : refuse(context, 'is no domain; give one without scheme and port, such as example.org');
});

const originList: z.ZodType<readonly string[], string> = z.string().transform((text, context) => {
  const given = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
  const origins = given.filter((one) => URL.canParse(one) && new URL(one).origin === one);
  if (origins.length === given.length && given.length <= MOST_ORIGINS) return [...new Set(origins)];
  return refuse(
    context,
    `is no list of at most ${MOST_ORIGINS} origins; give scheme and host only, such as https://example.net, separated by commas`,
  );
});

export const passkeySettings = {
  passkeys: setting({
    name: 'PASSKEYS',
    meaning: 'Whether users can create passkeys and sign in with them: `on` or `off`.',
    fallback: 'on',
    schema: oneOf(['on', 'off']),
  }),
  passkeyRpId: optionalSetting({
    name: 'PASSKEY_RP_ID',
    meaning:
      'The domain that passkeys are for (the RP ID of WebAuthn): the host of `BASE_URL`, or a parent domain of it, so that its other subdomains can use them. With another value, existing passkeys no longer work.',
    fallbackMeaning: 'the host of `BASE_URL`',
    schema: relyingPartyId,
  }),
  passkeyOrigins: setting({
    name: 'PASSKEY_ORIGINS',
    meaning:
      'Further origins of the same site that may use its passkeys, separated by commas, such as `https://example.net`. Browsers read them from `/.well-known/webauthn` of the RP ID (related origin requests).',
    fallback: '',
    fallbackMeaning: 'none',
    schema: givenAs({ list: 'commas' }, originList),
  }),
};

/** Browsers refuse an RP ID that is neither the host nor a parent domain of it, each time and with a message for developers. */
export const rpIdFaults: SettingFaults = (settingsOf, { baseUrl }) =>
  passkeyFaults(settingsOf(passkeySettings).passkeyRpId ?? baseUrl.hostname, baseUrl);

/** The same of an RP ID. */
export function passkeyFaults(id: string, baseUrl: URL): readonly Fault[] {
  if (isWithin(baseUrl.hostname, id)) return [];
  const message = `is "${id}", which is neither the host of BASE_URL nor a parent domain of it; browsers would refuse every passkey`;
  return [{ name: 'PASSKEY_RP_ID', message }];
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && domain.includes('.'));
}

/** WebAuthn needs a domain: none of its ceremonies works on a site that is reached by its address (§5.1.3, step 7). */
export function hasDomain({ hostname }: URL): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, '')) === 0;
}
