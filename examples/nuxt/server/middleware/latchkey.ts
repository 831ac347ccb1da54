import { latchkeyMiddleware } from 'latchkey/nuxt';
import { latchkey } from '../auth';

// Latchkey answers /login, /register, /account …; every other path goes on to the routes and pages.
export default latchkeyMiddleware(latchkey, {
  guard: [
    '/notes',
    '/summary',
    '/leave',
    { path: '/danger', fresh: true },
    // API clients with a token are admitted, too.
    { path: '/api/notes', scope: 'notes:read' },
  ],
});
