import { createLatchkey, onePerProcess } from 'latchkey';

const port = Number(process.env['PORT'] ?? 3000);
const databaseUrl = process.env['DATABASE_URL'] ?? 'sqlite:data/notes.db';
export const latchkey = onePerProcess(() =>
  createLatchkey({ port, databaseUrl, siteName: 'Notes', scopes: ['notes:read', 'notes:write'] }),
);
