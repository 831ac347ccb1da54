// Notes behind the sign-in of Latchkey, with Fastify. Run it with: npm run example fastify
import fastify from 'fastify';
import { createLatchkey } from 'latchkey';
import { latchkeyPages, loginRequired } from 'latchkey/fastify';
import { addNote, dangerPage, homePage, notesOf, notesPage, notFoundPage, summaryPage } from '../notes.ts';

const port = Number(process.env['PORT'] ?? 3000);
const databaseUrl = process.env['DATABASE_URL'] ?? 'sqlite:data/notes.db';
const latchkey = createLatchkey({
  port,
  databaseUrl,
  siteName: 'Notes',
  scopes: ['notes:read', 'notes:write'],
});

const app = fastify();
const html = 'text/html; charset=utf-8';
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) => {
  done(null, Object.fromEntries(new URLSearchParams(String(body))));
});
// Latchkey answers /login, /register, /account …; every other path goes on to the routes below.
app.addHook('onRequest', latchkeyPages(latchkey));
app.get('/', async (request, reply) => {
  const signedIn = await latchkey.session(request.raw);
  return reply.type(html).send(homePage(signedIn?.user.username ?? null));
});
app.get('/notes', { preHandler: loginRequired(latchkey) }, ({ auth: { user, session } }, reply) =>
  reply.type(html).send(notesPage(user.username, notesOf(user.id), latchkey.csrfToken(session))),
);
app.post<{ Body: { text?: string } }>(
  '/notes',
  { preHandler: loginRequired(latchkey) },
  ({ auth: { user }, body }, reply) => {
    addNote(user.id, body.text);
    return reply.redirect('/notes', 303);
  },
);
// API clients with a token are admitted, too.
app.get(
  '/api/notes',
  { preHandler: loginRequired(latchkey, { scope: 'notes:read' }) },
  ({ access: { user } }, reply) => reply.send(notesOf(user.id)),
);
app.post<{ Body: { text?: string } }>(
  '/api/notes',
  { preHandler: loginRequired(latchkey, { scope: 'notes:write' }) },
  ({ access: { user }, body }, reply) => {
    addNote(user.id, body.text);
    return reply.code(201).send(notesOf(user.id));
  },
);
app.get('/summary', { preHandler: loginRequired(latchkey) }, async ({ headers }, reply) => {
  const api = await fetch(`http://localhost:${port}/api/notes`, {
    headers: { cookie: headers.cookie ?? '' },
  });
  const list: unknown = await api.json();
  return reply.type(html).send(summaryPage(Array.isArray(list) ? list.length : 0));
});
app.get('/danger', { preHandler: loginRequired(latchkey, { fresh: true }) }, (_, reply) =>
  reply.type(html).send(dangerPage),
);
app.post(
  '/leave',
  { preHandler: loginRequired(latchkey) },
  async ({ raw }) => new Response(null, { status: 303, headers: await latchkey.signOut(raw) }),
);
app.setNotFoundHandler((_, reply) => reply.code(404).type(html).send(notFoundPage));

await latchkey.ready;
await app.listen({ port, host: 'localhost' });
console.log(`Notes are at http://localhost:${port}`);
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => app.close().then(() => latchkey.close()));
