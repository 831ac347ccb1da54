import { type Answer, openConnection } from './connection.ts';
import { type Credentials, openLoginForm } from './login-form.ts';

/** A response, and the time since the connection was open. */
export type Attempt = Answer & { readonly milliseconds: number };

/** Tries to sign in, each time over a new connection from an address that has not been used before. */
export type UnknownClients = (credentials: Credentials) => Promise<Attempt>;

export async function openUnknownClients(port: number): Promise<UnknownClients> {
  const first = await openConnection(port);
  const form = await openLoginForm(first, port);
  first.close();
  let count = 0;
  return async (credentials) => {
    count += 1;
    const { request, close } = await openConnection(port, loopbackAddress(count));
    try {
      const start = performance.now();
      const answer = await request(form(credentials));
      return { ...answer, milliseconds: performance.now() - start };
    } finally {
      close();
    }
  };
}

/**
 * All of 127.0.0.0/8 is this machine (RFC 1122 §3.2.1.3). Addresses that start with 127.0 are left to the other
 * clients.
 */
function loopbackAddress(index: number): string {
  return `127.${1 + ((index >> 16) & 0x7f)}.${(index >> 8) & 0xff}.${index & 0xff}`;
}
