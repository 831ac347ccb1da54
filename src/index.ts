import type { Context, MiddlewareHandler } from 'hono';
import { loginPath } from './auth/paths.ts';
import { sessionBinding } from './auth/request-context.ts';
import type * as sessions from './auth/sessions/session.ts';
import { composeSystem, type System } from './latchkey.ts';
import type { SendMail } from './platform/mail/index.ts';
import { createMetrics, type Metrics } from './platform/observability/index.ts';
import type { Challenge } from './platform/rate-limit/index.ts';
import { SettingsError } from './platform/settings/index.ts';
import { DatabaseStartError } from './platform/sql/index.ts';
import {
  addCookies,
  isApiClient,
  type MaybePromise,
  originFault,
  originOf,
  RequestRefused,
  webEvents,
} from './platform/web/index.ts';
import {
  type Provider,
  type ProviderOption,
  type ProviderToken,
  type settingDefinitions,
  settingsFromOptions,
} from './settings.ts';

export { MailRefusedError, type OutgoingMail, type SendMail } from './platform/mail/index.ts';
export type { Challenge } from './platform/rate-limit/index.ts';
export { SettingsError } from './platform/settings/index.ts';
export { DatabaseStartError } from './platform/sql/index.ts';
export type {
  Ask as AskProvider,
  Claims as ProviderClaims,
  OAuth as OAuthProvider,
  OpenIdConnect as OpenIdConnectProvider,
  Provider,
  ProviderToken,
} from './settings.ts';
export { ProviderUnavailableError } from './settings.ts';

/** To an application, ids are plain texts. */
type WithPlainId<Type extends { readonly id: string }> = {
  [Key in keyof Type]: Key extends 'id' ? string : Type[Key];
};
export type User = WithPlainId<sessions.User>;
export type Session = WithPlainId<sessions.Session>;
export type SignedIn = { readonly user: User; readonly session: Session };

/** The settings of the server in camelCase, as text, number or boolean: `sessionIdle: '12h'`. */
export type Options = {
  readonly [Key in keyof typeof settingDefinitions | ProviderOption]?: string | number | boolean;
} & {
  /** Providers that are given by their issuer, such as `oidcAcmeIssuer`: docs/oauth.md. */
  readonly [name: `oidc${string}`]: string | number | boolean | undefined;
} & {
  /** Sends mail by the interface of a provider, instead of `smtpUrl`; with it, `mailFrom` is required. */
  readonly sendMail?: SendMail;
  /** Required after too many attempts instead of the proof of work: docs/throttling.md. */
  readonly challenge?: Challenge;
  /** Identity providers in addition to those of the settings: docs/oauth.md. */
  readonly providers?: readonly Provider[];
};

/** What `loginRequired` leaves in the context of a Hono route: `context.get('user')`. */
export type SignedInVariables = { readonly Variables: SignedIn };

/** A login system to mount in an application. */
export type Latchkey = {
  /** Answers every page and route of Latchkey. The second argument is what a server knows of the connection. */
  readonly fetch: (request: Request, environment?: unknown) => Promise<Response>;
  /**
   * The signed-in user and session of a request, or null. Give it the headers of your answer, and the session's cookie
   * is replaced in them when its time has come; without them it stays as it is.
   */
  readonly session: (request: Request, answer?: Headers) => Promise<SignedIn | null>;
  /**
   * Hono middleware: admits only signed-in users; browsers are redirected to the login page, API clients get 401. What would
   * change something is let in from this site's own pages alone, and gets 403 from elsewhere. What it lets through is
   * kept out of every cache, unless the application says otherwise.
   */
  readonly loginRequired: MiddlewareHandler<SignedInVariables>;
  /**
   * The same for users with a role of their identity provider (`OIDC_<NAME>_ROLES`); others get 403.
   */
  readonly roleRequired: (role: string) => MiddlewareHandler<SignedInVariables>;
  /**
   * A token for calls to an identity provider on behalf of a user, valid for at least a minute; null if the user has not
   * linked the provider or the provider no longer accepts the tokens. Rejects with a `RangeError` for a provider whose
   * tokens are not kept (`OIDC_<NAME>_TOKENS`), and with a `ProviderUnavailableError` if the provider does not respond.
   */
  readonly providerToken: (user: Pick<User, 'id'>, provider: string) => Promise<ProviderToken | null>;
  /** The token for the hidden field `csrf` of a form of yours that posts to a page of ours, such as /logout. */
  readonly csrfToken: (session: Session) => string;
  /**
   * What Latchkey has counted and measured, in Prometheus' text format (`text/plain; version=0.0.4`); its names begin
   * with `latchkey_`. Show it to your Prometheus only.
   */
  readonly metrics: () => Promise<string>;
  /**
   * Settles when the database is ready, and rejects when it cannot be. Until then `fetch` and `session` wait; after a
   * failure `fetch` answers 503 and `session` rejects.
   */
  readonly ready: Promise<void>;
  /** Closes the database and ends the hashing threads. */
  readonly close: () => Promise<void>;
};

/**
 * Makes a login system. Nothing is read from the environment: every setting is an option.
 * @throws {SettingsError} when an option is wrong, naming every fault
 * @throws {DatabaseStartError} when the database cannot be opened
 */
export function createLatchkey({ sendMail, challenge, providers = [], ...options }: Options = {}): Latchkey {
  // The origin is the application's, and so is what it keeps in browsers.
  const settings = settingsFromOptions({ ...options, signOutClears: options.signOutClears ?? 'none' });
  const metrics = createMetrics();
  const ports = {
    metrics,
    identityProviders: { providers },
    ...(challenge !== undefined && { challenge }),
  };
  if (sendMail === undefined) return mount(composeSystem(settings, ports), metrics);
  if (settings.smtpUrl !== undefined)
    throw new SettingsError([
      { name: 'SMTP_URL', message: 'is set, and sendMail is given; give one of them' },
    ]);
  if (settings.mailFrom === undefined)
    throw new SettingsError([
      { name: 'MAIL_FROM', message: 'is missing, and sendMail is given; give the address that mail is from' },
    ]);
  return mount(composeSystem(settings, { ...ports, sendMail }), metrics);
}

/** Gives a composed system its outward form. */
function mount(system: System, metrics: Metrics): Latchkey {
  const ready = system.prepare().then(system.startWork);
  // Reported by `ready` as well; a failure must not end the process of the application.
  ready.catch((error: unknown) => {
    const problem = error instanceof DatabaseStartError ? error.message : 'the database cannot be prepared';
    system.core.log.error({ event: 'start-failed', problem });
  });
  return {
    fetch: async (request, environment) => {
      const isReady = await ready.then(
        () => true,
        () => false,
      );
      return isReady ? system.handle(request, environment) : system.errors.unavailable(request);
    },
    session: async (request, answer) => {
      await ready;
      const context = system.contextOf(request, undefined);
      if (answer === undefined) return system.core.guard.signedInWithoutAnswer(context);
      const signedIn = await system.core.guard.signedIn(context);
      addCookies(context, answer);
      return signedIn;
    },
    csrfToken: ({ id }) => system.csrf.token(sessionBinding({ id })),
    loginRequired: guarded(system, ready, null),
    roleRequired: (role) => guarded(system, ready, role),
    providerToken: async ({ id }, provider) => {
      await ready;
      return system.providerToken(id, provider);
    },
    metrics: metrics.text,
    ready,
    close: async () => {
      await ready.catch(() => {});
      await system.close();
    },
  };
}

/** @param role the role that the session must have; null for every signed-in user */
function guarded(
  system: System,
  ready: Promise<void>,
  role: string | null,
): MiddlewareHandler<SignedInVariables> {
  const { origin } = system.core.settings.baseUrl;
  return async (context, next) => {
    await ready;
    const request = context.req.raw;
    const ours = system.contextOf(request, context.env);
    const signedIn = await system.core.guard.signedIn(ours);
    if (signedIn === null) return turnAway(system, request);
    const formRefusal = isSafe(request) ? null : originFault(request, origin);
    if (formRefusal !== null)
      system.core.announce(webEvents.requestRefused, { reason: formRefusal }, originOf(ours));
    if (formRefusal !== null || (role !== null && !signedIn.session.roles.includes(role))) {
      const refused = new RequestRefused(403, formRefusal === null ? {} : { formRefusal });
      const refusal = await system.errors.refuse(request, refused);
      addCookies(ours, refusal.headers);
      return refusal;
    }
    context.set('user', signedIn.user);
    context.set('session', signedIn.session);
    await next();
    for (const cookie of ours.cookies.values()) context.header('set-cookie', cookie, { append: true });
    keepFromCaches(context);
    return undefined;
  };
}

/**
 * Keeps a guarded page from being shown after signing out, by the back button or from a cache: so a document is never
 * stored. What a page loads may be, where the application says so, for as long as the cookies stay the same.
 */
function keepFromCaches(context: Context): void {
  const { headers } = context.res;
  const isOwnChoice = headers.has('cache-control');
  if (isOwnChoice && !isDocument(context.req.raw, headers))
    context.header('vary', 'Cookie', { append: true });
  else context.header('cache-control', 'no-store');
}

function isDocument(request: Request, answer: Headers): boolean {
  const destination = request.headers.get('sec-fetch-dest') ?? '';
  return (
    /^(?:document|i?frame|embed|object)$/.test(destination) ||
    /\bx?html\b/i.test(answer.get('content-type') ?? '')
  );
}

// RFC 9110 §9.2.1
function isSafe({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

function turnAway({ core: { answers } }: System, request: Request): MaybePromise<Response> {
  return isApiClient(request) ? answers.problem(401) : answers.redirect(loginPath(request));
}
