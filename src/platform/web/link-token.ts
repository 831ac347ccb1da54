import { MINUTE, SECOND } from '../runtime/index.ts';
import type { Answers } from './answers.ts';
import type { WebContext } from './context.ts';
import { webCookies } from './cookies.ts';
import { type Flows, flowOf, namedFlow, withFlow } from './flows.ts';

/** How long the token of a link that was opened waits in the browser, in seconds. */
const LIFETIME_SECONDS = (30 * MINUTE) / SECOND;

/**
 * The token of a link, on its way from the address to the form. It leaves the address bar at once and waits in a
 * cookie of its own, so that it reaches no Referer, history or log; the address and the token of the form carry its handle (A61).
 */
type Named = { readonly name: string };

export type LinkTokens<Purpose extends Named> = {
  /**
   * The first step of a page that links lead to: where the address brings a token, keeps that and redirects to the path
   * with its handle; null where it brings none. A token that opens nothing is not kept, so that no other site can evict
   * the links that are open in this browser by navigating it to invented ones (A61). Nothing is spent (A14).
   */
  readonly receive: (context: WebContext, purpose: Purpose) => Promise<Response | null>;
  /**
   * The token that an API client has sent, that of a handle, else that of the form’s or the page’s flow, if its link was opened in this browser for this
   * purpose, or null. Of a link that opened nothing it gives a text that is no token, so that its page says what it says
   * of any that does not work.
   */
  readonly read: (context: WebContext, purpose: Purpose, flow?: string) => string | null;
  /**
   * Chooses the link that a page is drawn for: that of its form that has become stale, the one that its address names, or
   * the newest that was opened in this browser for this purpose.
   */
  readonly choose: (context: WebContext, purpose: Purpose) => void;
  /** Forgets it: once it was spent, or turned out not to work. */
  readonly clear: (context: WebContext, flow?: string) => void;
};

export type LinkTokenParts<Purpose extends Named> = {
  readonly flows: Flows;
  readonly answers: Pick<Answers, 'redirect'>;
  /** Whether a token opens something at this moment. */
  readonly opens: (purpose: Purpose, token: string) => Promise<boolean>;
};

export function createLinkTokens<Purpose extends Named>({
  flows,
  answers,
  opens,
}: LinkTokenParts<Purpose>): LinkTokens<Purpose> {
  const read: LinkTokens<Purpose>['read'] = (context, { name }, flow = context.flow) => {
    if (context.sentToken !== null) return context.sentToken;
    const value = flows.read(context, webCookies.link, flow);
    if (value?.startsWith(`${name}.`) !== true) return null;
    const token = value.slice(name.length + 1);
    return token === '' || flowOf(token) === flow ? token : null;
  };
  return {
    receive: async (context, purpose) => {
      const given = context.query('token');
      if (given === null) return null;
      // All links that open nothing share one handle, which evicts no other.
      const token = (await opens(purpose, given)) ? given : '';
      const handle = flowOf(token);
      const value = `${purpose.name}.${token}`;
      flows.keep(context, { kind: webCookies.link, handle, value, lifetimeSeconds: LIFETIME_SECONDS });
      return answers.redirect(withFlow(new URL(context.request.url).pathname, handle));
    },
    read,
    choose: (context, purpose) => {
      const newest = () =>
        flows.handles(context, webCookies.link).find((flow) => read(context, purpose, flow) !== null);
      if (context.flow === '') context.flow = namedFlow(context) ?? newest() ?? '';
    },
    clear: (context, flow = context.flow) => flows.forget(context, webCookies.link, flow),
  };
}
