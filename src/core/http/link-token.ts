import { MINUTE, SECOND } from '../clock.ts';
import type { TokenPurpose } from '../one-time-tokens/purpose.ts';
import { isToken } from '../tokens.ts';
import type { Answers } from './answers.ts';
import type { RequestContext } from './context.ts';
import type { Cookies } from './cookies.ts';

/** How long the token of a link that was opened waits in the browser, in seconds. */
const LIFETIME_SECONDS = (30 * MINUTE) / SECOND;

/**
 * The token of a link, on its way from the address to the form. It leaves the address bar at once and waits in a
 * cookie, so that it reaches no Referer, history or log.
 */
export type LinkTokens = {
  /**
   * The first step of a page that links lead to: where the address brings a token, keeps that and leads to the bare
   * path; null where it brings none.
   */
  readonly receive: (context: RequestContext, purpose: TokenPurpose) => Response | null;
  /**
   * The token of a link that was opened in this browser for this purpose, or null. Of one that was broken on the way
   * it gives a text that is no token, so that its page says what it says of any that does not work.
   */
  readonly read: (context: RequestContext, purpose: TokenPurpose) => string | null;
  /** Forgets it: once it was spent, or turned out not to work. */
  readonly clear: (context: RequestContext) => void;
};

export function createLinkTokens(cookies: Cookies, answers: Answers): LinkTokens {
  return {
    receive: (context, { name }) => {
      const given = context.query('token');
      if (given === null) return null;
      const value = `${name}.${isToken(given) ? given : ''}`;
      context.cookies.set('link', cookies.set('link', value, LIFETIME_SECONDS));
      return answers.redirect(new URL(context.request.url).pathname);
    },
    read: ({ request }, { name }) => {
      const value = cookies.read(request, 'link');
      return value?.startsWith(`${name}.`) === true ? value.slice(name.length + 1) : null;
    },
    clear: (context) => {
      context.cookies.set('link', cookies.clear('link'));
    },
  };
}
