import { latchkeyHandle } from 'latchkey/sveltekit';
import { latchkey } from './auth.server.ts';

// Latchkey answers /login, /register, /account …; every other path goes on to the routes.
export const handle = latchkeyHandle(latchkey, {
  guard: [
    '/notes',
    '/summary',
    '/leave',
    { path: '/danger', fresh: true },
    // API clients with a token are admitted, too.
    { path: '/api', scope: 'notes:read' },
  ],
});
