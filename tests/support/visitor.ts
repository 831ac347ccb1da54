import { parseSetCookie } from './set-cookie.ts';

/** What came back, read. */
export type Answer = {
  readonly status: number;
  readonly location: string | null;
  readonly headers: Headers;
  readonly body: string;
};

export type Fields = Readonly<Record<string, string>>;
/** Headers of a request; the empty text leaves one out that would be sent. */
export type HeaderFields = Readonly<Record<string, string>>;

/** Somebody at a browser: keeps cookies, fills in forms, follows nothing by itself. */
export type Visitor = {
  /** Cookies by name, as the browser holds them. A test may add and take away. */
  readonly cookies: Map<string, string>;
  readonly get: (path: string, headers?: HeaderFields) => Promise<Answer>;
  /** Opens the page with the form, then sends it with the hidden token that stood there. */
  readonly submit: (path: string, fields: Fields, headers?: HeaderFields) => Promise<Answer>;
  /** Sends fields as they are, without opening the form first. */
  readonly post: (path: string, fields: Fields, headers?: HeaderFields) => Promise<Answer>;
  /** The hidden token of the form on a page. */
  readonly token: (path: string) => Promise<string>;
  readonly register: (username: string, password: string, email?: string) => Promise<Answer>;
  readonly signIn: (username: string, password: string) => Promise<Answer>;
  readonly signOut: () => Promise<Answer>;
};

export function createVisitor(fetch: (request: Request) => Promise<Response>, origin: string): Visitor {
  const cookies = new Map<string, string>();

  const send = async (path: string, { headers, ...init }: RequestInit & { headers: HeaderFields }) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = Object.entries({ accept: 'text/html', cookie, ...headers }).filter(
      ([, value]) => value !== '',
    );
    const request = new Request(new URL(path, origin), { ...init, headers: all, redirect: 'manual' });
    const response = await fetch(request);
    for (const line of response.headers.getSetCookie()) {
      const { name, value, maximumAge } = parseSetCookie(line);
      if (maximumAge === 0) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answerFrom(response);
  };
  const get = (path: string, headers: HeaderFields = {}) => send(path, { headers });
  const post = (path: string, fields: Fields, headers: HeaderFields = {}) =>
    send(path, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin,
        'sec-fetch-site': 'same-origin',
        ...headers,
      },
    });
  const token = async (path: string) => tokenIn((await get(path)).body);
  const submit = async (path: string, fields: Fields, headers: HeaderFields = {}) =>
    post(path, { csrf: await token(path), ...fields }, headers);

  return {
    cookies,
    get,
    post,
    submit,
    token,
    register: (username, password, email) =>
      submit('/register', { username, password, ...(email !== undefined && { email }) }),
    signIn: (username, password) => submit('/login', { username, password }),
    signOut: () => submit('/logout', {}),
  };
}

/** The value of the hidden field that guards a form; throws where there is no form. */
export function tokenIn(page: string): string {
  const token = /name="csrf" value="([^"]+)"/.exec(page)?.[1];
  if (token === undefined) throw new Error(`no form on this page: ${page.slice(0, 500)}`);
  return token;
}

async function answerFrom(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, headers, location: headers.get('location'), body: await response.text() };
}
