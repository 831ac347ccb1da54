import { latchkeyMiddleware } from 'latchkey/astro';
import { latchkey } from './auth.ts';

// Latchkey answers /login, /register, /account …; every other path goes on to the pages.
export const onRequest = latchkeyMiddleware(latchkey, {
  guard: [
    '/notes',
    '/summary',
    '/leave',
    { path: '/danger', fresh: true },
    // API clients with a token are admitted, too.
    { path: '/api', scope: 'notes:read' },
  ],
});
