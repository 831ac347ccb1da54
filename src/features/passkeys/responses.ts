import { z } from 'zod';

const base64url = z.string().regex(/^[\w-]+$/);

/** Attestation statements with certificates are the longest; ours are without. */
const LONGEST = 16_384;

const registration = z.object({
  id: base64url.max(1_400),
  rawId: base64url.max(1_400),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string()).optional().catch(undefined),
  }),
});

const authentication = z.object({
  id: base64url.max(1_400),
  rawId: base64url.max(1_400),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: z.string().nullish().catch(undefined),
  }),
});

/** What `PublicKeyCredential.toJSON()` returns after `create`. */
export type RegistrationResponse = z.output<typeof registration>;
/** The same after `get`. */
export type AuthenticationResponse = z.output<typeof authentication>;

export const parseRegistration = parserOf(registration);
export const parseAuthentication = parserOf(authentication);

/** A parser of JSON that returns null for all else. */
function parserOf<Output>(schema: z.ZodType<Output>) {
  return (text: string): Output | null => {
    if (text.length > LONGEST) return null;
    const parsed = schema.safeParse(parsedJson(text));
    return parsed.success ? parsed.data : null;
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const clientData = z.object({ challenge: z.string(), crossOrigin: z.boolean().optional() });

/**
 * The challenge that a response claims to answer; whether it does, its signature says. Null also where the page was in a frame
 * of another site, as ours never are.
 * @see WebAuthn Level 3 §7.2, step 13
 */
export function challengeIn(clientDataJson: string): string | null {
  const parsed = clientData.safeParse(parsedJson(Buffer.from(clientDataJson, 'base64url').toString()));
  return parsed.success && parsed.data.crossOrigin !== true ? parsed.data.challenge : null;
}
