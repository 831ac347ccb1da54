import { z } from 'zod';
import type { Core } from '../../../auth/core.ts';
import { openValue, sealValue } from '../../../platform/crypto/sealing.ts';
import { hashToken } from '../../../platform/crypto/tokens.ts';
import { HOUR } from '../../../platform/runtime/clock.ts';
import { newId } from '../../../platform/text/uuid.ts';
import type { ExternalIdentity } from '../protocol/exchange.ts';
import type { Provider } from '../providers/provider.ts';
import { providerTokens } from '../tokens/provider-tokens.ts';
import { insertVouched } from './store.ts';

/** As long as choosing a username and every further step may take, in milliseconds. */
const LIFETIME = HOUR;

const keptSchema = z.object({ idToken: z.string().nullable(), tokens: providerTokens.nullable() });

/** What a provider has said that may be needed once more, where the settings ask for it. */
export type Kept = z.infer<typeof keptSchema>;

/**
 * Notes that a provider has vouched for somebody, before there is a session or even an account: what it has said of them
 * comes to its session with this, however many steps lie between.
 * @returns the id that the gate knows the proof by
 */
export async function noteVouched(
  { database, providerSeal, clock }: Core,
  { name: provider }: Provider,
  { issuer, subject, sid, authenticatedAt, roles, idToken, tokens }: ExternalIdentity,
): Promise<string> {
  const now = clock();
  const id = newId(now);
  const sidHash = sid === null ? null : hashToken(sid);
  const kept = sealKept(providerSeal, id, { idToken, tokens });
  const told = { provider, issuer, subject, sidHash, authenticatedAt, roles, kept };
  await insertVouched(database.queries, { id, ...told, now, expiresAt: now + LIFETIME });
  return id;
}

/** Null where there is nothing to keep. */
export function sealKept(seal: Core['providerSeal'], id: string, kept: Kept): Uint8Array | null {
  return kept.idToken === null && kept.tokens === null ? null : sealValue(seal, kept, boundTo(id));
}

export function openKept(seal: Core['providerSeal'], id: string, sealed: Uint8Array | null): Kept {
  const kept = sealed === null ? null : openValue(seal, keptSchema, sealed, boundTo(id));
  return kept ?? { idToken: null, tokens: null };
}

function boundTo(id: string): string {
  return `sign-in ${id}`;
}
