import type { ProviderServer } from './provider-server.ts';
import type { TestOptions, TestSystem } from './system.ts';
import { CLIENT } from './twin-provider.ts';
import type { Answer, Visitor } from './visitor.ts';

/** The address that a provider named Acme sends people back to, where the site is where it is without a setting. */
export const CALLBACK = '/oauth/acme/callback';

/** A provider that is set, and that nobody calls. */
export const A_PROVIDER: TestOptions = { githubClientId: 'client', githubClientSecret: 'secret' };

/** The settings with which people sign in with a provider. */
export function acme({ origin }: Pick<ProviderServer, 'origin'>, more: TestOptions = {}): TestOptions {
  return {
    oidcAcmeIssuer: origin,
    oidcAcmeClientId: CLIENT.id,
    oidcAcmeClientSecret: CLIENT.secret,
    oidcAcmeLabel: 'Acme',
    ...more,
  };
}

/** A provider and a system that sends people to it; both end together. */
export function together<Provider extends AsyncDisposable>(provider: Provider, system: TestSystem) {
  return {
    provider,
    system,
    [Symbol.asyncDispose]: async () => {
      await system[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

/** Somebody to whom a provider sends people back. */
export type Signing = { readonly signIn: (authorization: URL) => URL | Promise<URL> };

/** The address that a page leads to by itself. */
export function leadsTo({ status, headers, body, location }: Answer): URL {
  const url = /^0; url=(.+)$/.exec(headers.get('refresh') ?? '')?.[1];
  if (url === undefined) throw new Error(`${status} ${location} leads nowhere: ${body.slice(0, 500)}`);
  return new URL(url);
}

/** Presses the button, and stops at the provider. */
export async function goTo(visitor: Visitor, provider = 'acme', next = ''): Promise<URL> {
  const fields = { csrf: await visitor.token('/login'), ...(next !== '' && { next }) };
  return leadsTo(await visitor.post(`/oauth/${provider}`, fields));
}

/** The way to a provider and back. */
export async function signInAt(
  visitor: Visitor,
  provider: Signing,
  name = 'acme',
  next = '',
): Promise<Answer> {
  return comeBack(visitor, await provider.signIn(await goTo(visitor, name, next)));
}

/** Opens the address that a provider sends people back to. */
export function comeBack(visitor: Visitor, { pathname, search }: URL): Promise<Answer> {
  return visitor.get(pathname + search);
}

/** A new account that is entered by way of a provider. */
export async function registerAt(
  visitor: Visitor,
  provider: Signing,
  username: string,
  email = '',
): Promise<Answer> {
  await signInAt(visitor, provider);
  return visitor.submit('/register/connected', { username, email });
}

/** Connects a provider with the account of somebody who is signed in. */
export async function connectAt(visitor: Visitor, provider: Signing, name = 'acme'): Promise<Answer> {
  const page = leadsTo(await visitor.submit('/account/connections', { connect: name }));
  return comeBack(visitor, await provider.signIn(page));
}

/** What is kept of the connections with providers. */
export function identitiesIn({ system }: TestSystem) {
  return system.core.database.queries.selectFrom('external_identities').selectAll().execute();
}

/** Why it came to nothing, as the record tells it. */
export function failuresOf({ events }: TestSystem): readonly string[] {
  return events.flatMap((event) => (event.type === 'provider-failed' ? [event.reason] : []));
}
