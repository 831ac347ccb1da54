import { createHash } from 'node:crypto';
import { readOwnFile } from '../../platform/runtime/index.ts';

const body = readOwnFile(new URL('./passkeys.js', import.meta.url));
const version = createHash('sha256').update(body).digest('base64url').slice(0, 12);

/** The script that asks the browser for passkeys, under a name that changes with its content. */
export const script = { path: `/assets/passkeys-${version}.js`, body } as const;
