// A page of an application behind the sign-in of Latchkey. Run it with: npm run example
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { createLatchkey } from 'latchkey';

const port = Number(process.env['PORT'] ?? 3000);
const latchkey = createLatchkey({ port, siteName: 'Hello', databaseUrl: 'sqlite:data/hello.db' });
const app = new Hono();
app.get('/', latchkey.loginRequired, (context) => {
  const csrf = latchkey.csrfToken(context.get('session'));
  return context.html(html`<!doctype html><html lang="en"><title>Hello</title>
<h1>Hello, ${context.get('user').username}!</h1>
<form method="post" action="/logout"><input type="hidden" name="csrf" value="${csrf}"><button>Sign out</button></form>`);
});
// Every other path belongs to Latchkey: /register, /login, /logout, /dashboard …
app.all('*', ({ req, env }) => latchkey.fetch(req.raw, env));
await latchkey.ready;
const server = serve({ fetch: app.fetch, port, hostname: 'localhost' }, () =>
  console.log(`Hello is at http://localhost:${port}`),
);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close(() => latchkey.close()));
