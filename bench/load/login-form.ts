import type { Connection } from './connection.ts';

export type Credentials = { readonly username: string; readonly password: string };

/** Creates the request that posts the form, optionally with another cookie as `name=value`. */
export type LoginForm = (credentials: Credentials, keptCookie?: string) => Buffer;

/** Opens the login page as a browser does. Its form may be posted several times, over other connections as well. */
export async function openLoginForm({ request }: Connection, port: number): Promise<LoginForm> {
  const { head, body } = await request(Buffer.from(`GET /login HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`));
  const cookie = /set-cookie: ([^;\r]+)/i.exec(head)?.[1];
  const csrf = /name="csrf" value="([^"]+)"/.exec(body)?.[1];
  if (cookie === undefined || csrf === undefined) throw new Error('the login page has no form');
  return (credentials, keptCookie) => {
    const fields = new URLSearchParams({ csrf, ...credentials }).toString();
    const lines = [
      'POST /login HTTP/1.1',
      `Host: localhost:${port}`,
      `Origin: http://localhost:${port}`,
      'Sec-Fetch-Site: same-origin',
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${fields.length}`,
      `Cookie: ${keptCookie === undefined ? cookie : `${cookie}; ${keptCookie}`}`,
    ];
    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${fields}`);
  };
}
