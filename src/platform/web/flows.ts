import { tokenDigest } from '../crypto/index.ts';
import type { WebContext } from './context.ts';
import type { Cookie, Cookies, FlowCookie } from './cookies.ts';

/** The query parameter that says which flow a page is drawn for. */
const FLOW = 'flow';

const HANDLE_LENGTH = 16;
const HANDLE_SHAPE = /^[A-Za-z0-9_-]{16}$/;

/** Names the flow of a token: the beginning of its hash, which is no secret. */
export function flowOf(token: string): string {
  return flowOfDigest(tokenDigest(token));
}

export function isHandle(text: string): boolean {
  return HANDLE_SHAPE.test(text);
}

/** The handle of every link that opens nothing. It counts as no flow, so that it evicts none. */
const UNUSABLE = flowOf('');

/** The same by the digest of a token. */
export function flowOfDigest(digest: string): string {
  return digest.slice(0, HANDLE_LENGTH);
}

/** The flow that a request names in its address: the empty text for what is no handle, null where it names none. */
export function namedFlow(context: WebContext): string | null {
  const named = context.query(FLOW);
  return named === null || isHandle(named) ? named : '';
}

/** A path with the flow that its page is drawn for. */
export function withFlow(path: string, handle: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}${FLOW}=${handle}`;
}

/**
 * The flows of one browser: each in a short-lived cookie of its own, so that any number of tabs finish in
 * any order. The token of a form carries the handle of the flow that it was drawn for, and acts on no other (A61).
 */
export type Flows = {
  /** Keeps the value of a flow; where a browser has too many of a kind, it replaces the oldest. */
  readonly keep: (context: WebContext, flow: NewFlow) => void;
  readonly read: (context: WebContext, kind: FlowCookie, handle: string) => string | null;
  readonly forget: (context: WebContext, kind: FlowCookie, handle: string) => void;
  /** The handles of one kind, the newest first. */
  readonly handles: (context: WebContext, kind: FlowCookie) => readonly string[];
  /** Chooses the flow that a page is drawn for: that of its form that has become stale, the one that its address names, or the newest. */
  readonly choose: (context: WebContext, kind: FlowCookie) => void;
};

export type NewFlow = {
  readonly kind: FlowCookie;
  readonly handle: string;
  readonly value: string;
  readonly lifetimeSeconds: number;
};

function cookieOf({ name }: FlowCookie, handle: string): Pick<Cookie, 'name'> {
  return { name: `${name}-${handle}` };
}

export function createFlows(cookies: Cookies): Flows {
  // Browsers list the cookies of one path in the order in which they were made (RFC 6265 §5.4). Where one does not,
  // another flow gives way, and its link has to be opened again.
  const handles = ({ request }: WebContext, kind: FlowCookie) =>
    cookies.suffixes(request, kind).filter(isHandle).toReversed();
  const forget = (context: WebContext, kind: FlowCookie, handle: string) => {
    if (!isHandle(handle)) return;
    cookies.clear(context, cookieOf(kind, handle));
  };
  return {
    keep: (context, { kind, handle, value, lifetimeSeconds }) => {
      const others = handles(context, kind).filter((other) => other !== handle && other !== UNUSABLE);
      const most = handle === UNUSABLE ? kind.max : kind.max - 1;
      for (const oldest of others.slice(most)) forget(context, kind, oldest);
      cookies.set(context, cookieOf(kind, handle), value, lifetimeSeconds);
    },
    read: ({ request }, kind, handle) =>
      isHandle(handle) ? cookies.read(request, cookieOf(kind, handle)) : null,
    forget,
    handles,
    choose: (context, kind) => {
      if (context.flow === '') context.flow = namedFlow(context) ?? handles(context, kind)[0] ?? '';
    },
  };
}
