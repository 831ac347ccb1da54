// Notes behind the sign-in of Latchkey, with Express. Run it with: npm run example express
import express from 'express';
import { createLatchkey } from 'latchkey';
import { latchkeyPages, loginRequired } from 'latchkey/express';
import { addNote, dangerPage, homePage, notesOf, notesPage, notFoundPage, summaryPage } from '../notes.ts';

const port = Number(process.env['PORT'] ?? 3000);
const databaseUrl = process.env['DATABASE_URL'] ?? 'sqlite:data/notes.db';
const latchkey = createLatchkey({
  port,
  databaseUrl,
  siteName: 'Notes',
  scopes: ['notes:read', 'notes:write'],
});

const app = express();
app.use(express.urlencoded(), express.json());
// Latchkey answers /login, /register, /account …; every other path goes on to the routes below.
app.use(latchkeyPages(latchkey));
app.get('/', async (request, response) => {
  const signedIn = await latchkey.session(request);
  response.send(homePage(signedIn?.user.username ?? null));
});
app.get('/notes', loginRequired(latchkey), ({ auth: { user, session } }, response) => {
  response.send(notesPage(user.username, notesOf(user.id), latchkey.csrfToken(session)));
});
app.post('/notes', loginRequired(latchkey), ({ auth: { user }, body }, response) => {
  addNote(user.id, body.text);
  response.redirect(303, '/notes');
});
// API clients with a token are admitted, too.
app.get('/api/notes', loginRequired(latchkey, { scope: 'notes:read' }), ({ access: { user } }, response) => {
  response.json(notesOf(user.id));
});
app.post(
  '/api/notes',
  loginRequired(latchkey, { scope: 'notes:write' }),
  ({ access: { user }, body }, response) => {
    addNote(user.id, body.text);
    response.status(201).json(notesOf(user.id));
  },
);
app.get('/summary', loginRequired(latchkey), async ({ headers }, response) => {
  const api = await fetch(`http://localhost:${port}/api/notes`, {
    headers: { cookie: headers.cookie ?? '' },
  });
  const list: unknown = await api.json();
  response.send(summaryPage(Array.isArray(list) ? list.length : 0));
});
app.get('/danger', loginRequired(latchkey, { fresh: true }), (_, response) => {
  response.send(dangerPage);
});
app.post('/leave', loginRequired(latchkey), async (request, response) => {
  response
    .status(303)
    .setHeaders(await latchkey.signOut(request))
    .end();
});
app.use((_, response) => {
  response.status(404).send(notFoundPage);
});

await latchkey.ready;
const server = app.listen(port, 'localhost', () => console.log(`Notes are at http://localhost:${port}`));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close(() => latchkey.close()));
