import { type Answer, openConnection } from './connection.ts';
import { openLoginForm } from './login-form.ts';

/** One client with one connection: each call is one request, and the next one waits for its response. */
export type Caller = { readonly call: () => Promise<Answer>; readonly close: () => void };

const TOKEN_LENGTH = 107;

// What Chromium sends when a script of a page requests the session; every server has to read all of it.
const BROWSER_HEADERS = [
  'Connection: keep-alive',
  'sec-ch-ua-platform: "Linux"',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"',
  'sec-ch-ua-mobile: ?0',
  'Accept: */*',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: cors',
  'Sec-Fetch-Dest: empty',
  'Referer: http://localhost:3000/dashboard',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-GB,en;q=0.9',
];

/**
 * Each call looks up the session of a random token.
 * @param tokens all tokens, concatenated
 */
export async function sessionCaller(port: number, tokens: Buffer): Promise<Caller> {
  const connection = await openConnection(port);
  const blank = '.'.repeat(TOKEN_LENGTH);
  const lines = [
    'GET /api/session HTTP/1.1',
    `Host: localhost:${port}`,
    ...BROWSER_HEADERS,
    `Cookie: latchkey=${blank}`,
  ];
  const request = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  const position = request.indexOf(blank);
  const count = tokens.length / TOKEN_LENGTH;
  return {
    call: () => {
      const start = Math.floor(Math.random() * count) * TOKEN_LENGTH;
      tokens.copy(request, position, start, start + TOKEN_LENGTH);
      return connection.request(request);
    },
    close: connection.close,
  };
}

/** Accounts to sign in to: their names have the same length and differ in the last digits. */
export type SignInAccounts = {
  readonly count: number;
  readonly username: (index: number) => string;
  readonly password: string;
};

/** Opens the login page once, as a browser does; each call then posts its form for a random account. */
export async function signInCaller(port: number, accounts: SignInAccounts): Promise<Caller> {
  const connection = await openConnection(port);
  const form = await openLoginForm(connection, port);
  return {
    call: () => {
      const index = Math.floor(Math.random() * accounts.count);
      return connection.request(form({ username: accounts.username(index), password: accounts.password }));
    },
    close: connection.close,
  };
}
