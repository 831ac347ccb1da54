import { latchkeyHandle } from 'latchkey/sveltekit';
import { latchkey } from './auth.server.ts';

// Latchkey answers /login, /register, /account …; every other path goes on to the routes.
export const handle = latchkeyHandle(latchkey, {
  guard: ['/notes', '/api', '/summary', '/leave', { path: '/danger', fresh: true }],
});
