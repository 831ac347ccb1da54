import { randomUUID } from 'node:crypto';
import type { Origin } from '../events/index.ts';
import { chooseLanguage, type Language, type Languages, type Wording } from '../words/index.ts';
import { type ClientAddress, peerAddress } from './client-address.ts';
import type { CsrfBinding } from './csrf.ts';
import type { FlashMessage } from './flash.ts';
import type { Form } from './form.ts';

/** A value, now or later: hot paths do not pay for a promise that they do not need. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** One request, and what its answer will carry besides the page. */
export type WebContext = {
  readonly request: Request;
  /** Names this request in the logs and on the page of an internal error. */
  readonly id: string;
  readonly address: string;
  /** The other end of its connection, whatever a proxy says. */
  readonly peer: string;
  /** The language that its answer is in. */
  readonly language: Language;
  /** The words of a feature in that language. */
  readonly words: Wording;
  /** A parameter of the address's query. */
  readonly query: (name: string) => string | null;
  /** `Set-Cookie` values that the answer will carry, by the name of the cookie. */
  readonly cookies: Map<string, string>;
  /** Whether there are any; unlike `cookies`, it creates no map. */
  readonly hasCookies: boolean;
  /** The handle of the flow that the submitted form was drawn for, or the page is; the empty text for none. */
  flow: string;
  /** The token of a link that an API client has sent with its action; null for every other request. */
  sentToken: string | null;
  /** What was entered into a form that has become stale, for the page that draws it again; null for every other. */
  typed: Form | null;
  /** The form that an action has refused, for the page that draws it again; null for every other. */
  refused: Form | null;
  /** The messages that the answer itself carries, where it is JSON; null where the next page shows them. */
  messages: readonly FlashMessage[] | null;
  /** What the forms of this answer are bound to; decided when the first of them is drawn. */
  csrfBinding: CsrfBinding | null;
  /** Whether an equal request gets the page again that this one is answered with (A66). */
  keepsPage: boolean;
};

/** What was entered into a field of a form that is drawn again, else the parameter of the address. */
export function enteredOr(context: WebContext, name: string): string | null {
  return (context.typed ?? context.refused)?.text(name) ?? context.query(name);
}

/** The origin of what a request causes, for events. */
export function originOf(context: WebContext): Origin {
  return { requestId: context.id, ...deviceOf(context) };
}

/** In characters; longer ones are cut. */
const MAX_USER_AGENT_LENGTH = 400;

/** A browser as it presents itself; nothing of it is proof. */
type Device = { readonly userAgent: string; readonly address: string };

export function deviceOf({ request, address }: WebContext): Device {
  return { userAgent: (request.headers.get('user-agent') ?? '').slice(0, MAX_USER_AGENT_LENGTH), address };
}

/** Adds the cookies that were set during a request to its answer. */
export function addCookies({ cookies }: WebContext, headers: Headers): void {
  for (const cookie of cookies.values()) headers.append('set-cookie', cookie);
}

export type ContextParts = {
  readonly clientAddress: ClientAddress;
  /** The languages of the system, its own first. */
  readonly languages: Languages;
};

/**
 * The context of a request; what is costly is computed on first use. A class, because an object written with getters
 * gets a hidden class of its own each time: with one for every request, nothing that reads it stays fast, and none of
 * it is freed before a full garbage collection.
 */
export class Context implements WebContext {
  readonly request: Request;
  flow = '';
  sentToken: string | null = null;
  typed: Form | null = null;
  refused: Form | null = null;
  messages: readonly FlashMessage[] | null = null;
  csrfBinding: CsrfBinding | null = null;
  keepsPage = false;
  readonly #environment: unknown;
  readonly #parts: ContextParts;
  #language: Language | undefined;
  #id: string | undefined;
  #cookies: Map<string, string> | undefined;

  constructor(request: Request, environment: unknown, parts: ContextParts) {
    this.request = request;
    this.#environment = environment;
    this.#parts = parts;
  }

  get id(): string {
    this.#id ??= randomUUID();
    return this.#id;
  }

  get cookies(): Map<string, string> {
    this.#cookies ??= new Map();
    return this.#cookies;
  }

  get hasCookies(): boolean {
    return this.#cookies !== undefined && this.#cookies.size > 0;
  }

  get address(): string {
    return this.#parts.clientAddress(this.request.headers, this.#environment);
  }

  get language(): Language {
    this.#language ??= chooseLanguage(this.#parts.languages, this.request.headers.get('accept-language'));
    return this.#language;
  }

  get words(): Wording {
    return this.language.words;
  }

  get peer(): string {
    return peerAddress(this.#environment);
  }

  query(name: string): string | null {
    return new URL(this.request.url).searchParams.get(name);
  }
}

/**
 * Whether the request comes from an API client, which gets a problem instead of a page.
 * @param basePath below which paths are ours, where it matters for them
 */
export function isApiClient(request: Request, basePath = ''): boolean {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith('/api/') || pathname.startsWith(`${basePath}/api/`)) return true;
  if (request.headers.has('authorization')) return true;
  const accept = request.headers.get('accept') ?? '';
  return /\bjson\b/i.test(accept) && !/\bhtml\b/i.test(accept);
}
