import { type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import { MINUTE, SECOND } from '../../../../platform/runtime/index.ts';
import { line, optionalSetting, refuse } from '../../../../platform/settings/index.ts';
import { isLoopbackHost, parseIpAddress } from '../../../../platform/web/index.ts';
import { defineProvider } from '../define-provider.ts';
import { keyFrom } from '../signing-key.ts';

const ISSUER = 'https://appleid.apple.com';

/**
 * Apple responds with a form post and requires a client secret that is signed for each request.
 * @see https://developer.apple.com/documentation/signinwithapplerestapi
 */
export const apple = defineProvider({
  name: 'apple',
  label: 'Apple',
  settings: {
    teamId: optionalSetting({
      name: 'APPLE_TEAM_ID',
      meaning: 'Apple team that owns the signing key.',
      schema: line(64),
    }),
    keyId: optionalSetting({
      name: 'APPLE_KEY_ID',
      meaning: 'Id of the signing key.',
      schema: line(64),
    }),
    privateKey: optionalSetting({
      name: 'APPLE_PRIVATE_KEY',
      meaning: 'Signing key, the text of the `.p8` file; preferably given as `APPLE_PRIVATE_KEY_FILE`.',
      secret: true,
      schema: z.string().transform((text, context): KeyObject => {
        const key = keyFrom(text);
        if (key?.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
        return refuse(context, 'is no key of Apple; give the text of its .p8 file');
      }),
    }),
  },
  secret: {
    required: ['teamId', 'keyId', 'privateKey'],
    create: (id, { teamId, keyId, privateKey }) =>
      teamId === undefined || keyId === undefined || privateKey === undefined
        ? undefined
        : () => clientSecret(id, { teamId, keyId, privateKey }),
  },
  describe: () => ({
    scopes: ['openid', 'name', 'email'],
    parameters: { response_mode: 'form_post' },
    protocol: { kind: 'openid-connect', issuer: new URL(ISSUER) },
    // Apple sends a mail to each address, or creates a relay address. If it marks an address as verified with the string
    // "true", which it may, the address is only proposed.
    isAddressTrusted: () => true,
    // https://developer.apple.com/help/account/capabilities/configure-sign-in-with-apple-for-the-web
    refusesRedirect: ({ protocol, hostname }) =>
      protocol !== 'https:' ||
      isLoopbackHost(hostname) ||
      parseIpAddress(hostname.replace(/^\[|\]$/g, '')) !== null
        ? 'Apple redirects to https: addresses of a domain only, and not to localhost'
        : null,
  }),
});

type AppleKey = { readonly teamId: string; readonly keyId: string; readonly privateKey: KeyObject };

/** @see https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret */
function clientSecret(id: string, { teamId, keyId, privateKey }: AppleKey): string {
  // The clock of the machine, by which Apple’s tokens are validated, too.
  const now = Math.floor(Date.now() / SECOND);
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const claims = { iss: teamId, sub: id, aud: ISSUER, iat: now, exp: now + (5 * MINUTE) / SECOND };
  const signed = `${encode({ alg: 'ES256', kid: keyId })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
