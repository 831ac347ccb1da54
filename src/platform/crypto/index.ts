export { type CreateRowSeals, createRowSeals, isSameMac, type RowSeals } from './row-seals.ts';
export { createSeal, openValue, type Seal, sealValue } from './sealing.ts';
export { createSecrets, type Secrets } from './secrets.ts';
export { hashToken, isToken, newToken, tokenDigest } from './tokens.ts';
