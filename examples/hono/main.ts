// Notes behind the sign-in of Latchkey, with Hono. Run it with: npm run example hono
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createLatchkey } from 'latchkey';
import { latchkeyPages, loginRequired } from 'latchkey/hono';
import { addNote, dangerPage, homePage, notesOf, notesPage, notFoundPage, summaryPage } from '../notes.ts';

const port = Number(process.env['PORT'] ?? 3000);
const databaseUrl = process.env['DATABASE_URL'] ?? 'sqlite:data/notes.db';
const latchkey = createLatchkey({
  port,
  databaseUrl,
  siteName: 'Notes',
  scopes: ['notes:read', 'notes:write'],
});

const app = new Hono();
// Latchkey answers /login, /register, /account …; every other path goes on to the routes below.
app.use(latchkeyPages(latchkey));
app.get('/', async (context) => {
  const signedIn = await latchkey.session(context.req.raw);
  return context.html(homePage(signedIn?.user.username ?? null));
});
app.get('/notes', loginRequired(latchkey), (context) => {
  const user = context.get('user');
  const csrf = latchkey.csrfToken(context.get('session'));
  return context.html(notesPage(user.username, notesOf(user.id), csrf));
});
app.post('/notes', loginRequired(latchkey), async (context) => {
  const { text } = await context.req.parseBody();
  addNote(context.get('user').id, text);
  return context.redirect('/notes', 303);
});
// API clients with a token are admitted, too.
app.get('/api/notes', loginRequired(latchkey, { scope: 'notes:read' }), (context) =>
  context.json(notesOf(context.get('user').id)),
);
app.post('/api/notes', loginRequired(latchkey, { scope: 'notes:write' }), async (context) => {
  const { text } = await context.req.json<{ text?: unknown }>();
  addNote(context.get('user').id, text);
  return context.json(notesOf(context.get('user').id), 201);
});
app.get('/summary', loginRequired(latchkey), async (context) => {
  const cookie = context.req.header('cookie') ?? '';
  const api = await fetch(`http://localhost:${port}/api/notes`, { headers: { cookie } });
  const list: unknown = await api.json();
  return context.html(summaryPage(Array.isArray(list) ? list.length : 0));
});
app.get('/danger', loginRequired(latchkey, { fresh: true }), (context) => context.html(dangerPage));
app.post(
  '/leave',
  loginRequired(latchkey),
  async ({ req }) => new Response(null, { status: 303, headers: await latchkey.signOut(req.raw) }),
);
app.notFound((context) => context.html(notFoundPage, 404));

await latchkey.ready;
const server = serve({ fetch: app.fetch, port, hostname: 'localhost' }, () =>
  console.log(`Notes are at http://localhost:${port}`),
);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close(() => latchkey.close()));
