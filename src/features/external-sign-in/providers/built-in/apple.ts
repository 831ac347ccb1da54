import { type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import { MINUTE, SECOND } from '../../../../platform/runtime/clock.ts';
import { optionalSetting } from '../../../../platform/settings/setting.ts';
import { line } from '../../../../platform/settings/values.ts';
import { clientIdSetting } from '../client-settings.ts';
import type { Provider } from '../provider.ts';
import { keyFrom } from '../signing-key.ts';

const ISSUER = 'https://appleid.apple.com';

export const appleSettings = {
  appleClientId: clientIdSetting('APPLE', 'Apple'),
  appleTeamId: optionalSetting({
    name: 'APPLE_TEAM_ID',
    meaning: 'Apple team that owns the signing key.',
    schema: line(64),
  }),
  appleKeyId: optionalSetting({
    name: 'APPLE_KEY_ID',
    meaning: 'Id of the signing key.',
    schema: line(64),
  }),
  applePrivateKey: optionalSetting({
    name: 'APPLE_PRIVATE_KEY',
    meaning: 'Signing key, the text of the `.p8` file; preferably given as `APPLE_PRIVATE_KEY_FILE`.',
    secret: true,
    schema: z.string().transform((text, context): KeyObject => {
      const key = keyFrom(text);
      if (key?.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
      context.addIssue({ code: 'custom', message: 'is no key of Apple; give the text of its .p8 file' });
      return z.NEVER;
    }),
  }),
};

export type AppleKey = { readonly teamId: string; readonly keyId: string; readonly privateKey: KeyObject };

/**
 * Apple answers with a form, and takes no secret but one that is signed each time.
 * @see https://developer.apple.com/documentation/signinwithapplerestapi
 */
export function apple(id: string, key: AppleKey): Provider {
  return {
    name: 'apple',
    label: 'Apple',
    client: { id, secret: () => clientSecret(id, key) },
    scopes: ['openid', 'name', 'email'],
    parameters: { response_mode: 'form_post' },
    protocol: { kind: 'openid-connect', issuer: new URL(ISSUER) },
    // Apple sends a mail to each address, or makes one up that it passes on. Where it says so by the text "true", which
    // it may, the address is proposed and no more.
    isAddressTrusted: () => true,
    provesAnew: false,
    isInside: false,
  };
}

/** @see https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret */
function clientSecret(id: string, { teamId, keyId, privateKey }: AppleKey): string {
  // By the clock of the machine, as what Apple says is judged by, too.
  const now = Math.floor(Date.now() / SECOND);
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const claims = { iss: teamId, sub: id, aud: ISSUER, iat: now, exp: now + (5 * MINUTE) / SECOND };
  const signed = `${encode({ alg: 'ES256', kid: keyId })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
