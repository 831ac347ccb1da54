// Notes behind the sign-in of Latchkey, with node:http alone. Run it with: npm run example node
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { createLatchkey } from 'latchkey';
import { admit, latchkeyPages, sendResponse } from 'latchkey/node';
import { addNote, dangerPage, homePage, notesOf, notesPage, notFoundPage, summaryPage } from '../notes.ts';

const port = Number(process.env['PORT'] ?? 3000);
const databaseUrl = process.env['DATABASE_URL'] ?? 'sqlite:data/notes.db';
const latchkey = createLatchkey({
  port,
  databaseUrl,
  siteName: 'Notes',
  scopes: ['notes:read', 'notes:write'],
});

const pages = latchkeyPages(latchkey);
const server = createServer((request, response) => {
  // Latchkey answers /login, /register, /account …; every other path goes on to the application.
  pages(request, response, (error) => {
    if (error !== undefined) fail(response, error);
    else answer(request, response).catch((failure) => fail(response, failure));
  });
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const [path] = (request.url ?? '/').split('?');
  if (path === '/') {
    const signedIn = await latchkey.session(request);
    return sendHtml(response, 200, homePage(signedIn?.user.username ?? null));
  }
  if (path === '/api/notes') return answerApi(request, response);
  const isKnown = ['/notes', '/summary', '/danger', '/leave'].includes(path ?? '');
  if (!isKnown) return sendHtml(response, 404, notFoundPage);
  const signedIn = await admit(latchkey, request, response, { fresh: path === '/danger' });
  if (signedIn === null) return;
  const { user, session } = signedIn;
  switch (`${request.method} ${path}`) {
    case 'GET /notes':
      return sendHtml(response, 200, notesPage(user.username, notesOf(user.id), latchkey.csrfToken(session)));
    case 'POST /notes':
      addNote(user.id, new URLSearchParams(await text(request)).get('text'));
      return response.writeHead(303, { location: '/notes' }).end();
    case 'GET /summary':
      return sendHtml(response, 200, summaryPage(await countByApi(request)));
    case 'GET /danger':
      return sendHtml(response, 200, dangerPage);
    case 'POST /leave':
      return sendResponse(
        new Response(null, { status: 303, headers: await latchkey.signOut(request) }),
        response,
      );
    default:
      return response.writeHead(405).end();
  }
}

// API clients with a token are admitted, too.
async function answerApi(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const isReading = request.method === 'GET';
  const scope = isReading ? 'notes:read' : 'notes:write';
  const access = await admit(latchkey, request, response, { scope });
  if (access === null) return;
  if (isReading) return sendJson(response, 200, notesOf(access.user.id));
  addNote(access.user.id, JSON.parse(await text(request)).text);
  return sendJson(response, 201, notesOf(access.user.id));
}

async function countByApi({ headers }: IncomingMessage): Promise<number> {
  const api = await fetch(`http://localhost:${port}/api/notes`, {
    headers: { cookie: headers.cookie ?? '' },
  });
  const list: unknown = await api.json();
  return Array.isArray(list) ? list.length : 0;
}

function sendHtml(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(page);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function fail(response: ServerResponse, error: unknown): void {
  console.error(error);
  if (!response.headersSent) response.writeHead(500);
  response.end();
}

await latchkey.ready;
server.listen(port, 'localhost', () => console.log(`Notes are at http://localhost:${port}`));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close(() => latchkey.close()));
