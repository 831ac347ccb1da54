import { createLatchkey } from 'latchkey';
import { latchkeyNext } from 'latchkey/next';

export const { GET, POST, proxy, auth, admit, loginRequired, signOut, latchkey } = latchkeyNext(() =>
  createLatchkey({
    basePath: '/auth',
    baseUrl: process.env.BASE_URL ?? `http://localhost:${process.env.PORT ?? 3000}`,
    databaseUrl: process.env.DATABASE_URL ?? 'sqlite:data/notes.db',
    secretKey: process.env.SECRET_KEY,
    trustedProxies: process.env.TRUSTED_PROXIES,
    siteName: 'Notes',
    scopes: ['notes:read', 'notes:write'],
  }),
);
