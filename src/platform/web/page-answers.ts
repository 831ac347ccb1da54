import { isToken, newToken } from '../crypto/index.ts';
import type { Wording } from '../words/index.ts';
import type { Answers } from './answers.ts';
import type { WebContext } from './context.ts';
import { type Cookies, webCookies } from './cookies.ts';
import type { Csrf, CsrfBinding } from './csrf.ts';
import { FLASH_LIFETIME_SECONDS, type FlashCodec, type FlashMessage } from './flash.ts';
import type { Locations } from './locations.ts';
import { type Flash, type Html, renderPage, type Site } from './pages/layout.ts';
import { pageWords } from './words.ts';

/** What a feature draws; the frame around it is the same everywhere. */
export type Page = {
  readonly title: string;
  readonly body: Html;
  readonly flash?: Flash;
  readonly width?: 'narrow' | 'wide';
  /** Where the page leads by itself: in the page, because proxies limit the headers of a response. */
  readonly leadsTo?: URL;
};

export type PageAnswers<Context extends WebContext> = {
  readonly show: (
    context: Context,
    status: number,
    page: Page,
    more?: Readonly<Record<string, string>>,
  ) => Promise<Response>;
  /** The token for a form of this answer, bound to the user or the visitor, and to its flow. */
  readonly csrfToken: (context: Context) => string;
  /** 303 to a path of ours, as its route declares it, or to where `Locations` leads onward. */
  readonly redirect: (path: string, more?: Record<string, string>) => Response;
  /** Leaves messages for the page that comes next, or for the answer where it is JSON. */
  readonly flash: (context: Context, ...messages: readonly FlashMessage[]) => void;
};

export type PageParts<Context extends WebContext> = {
  readonly site: Site;
  readonly locations: Pick<Locations, 'of'>;
  readonly answers: Answers;
  readonly cookies: Cookies;
  readonly csrf: Csrf;
  readonly flashes: FlashCodec;
  /** What the forms of a user are bound to, where one is known. */
  readonly bindingOf: (context: Context) => CsrfBinding | null;
  /** The header of a page. @param csrf makes the token of a form in it */
  readonly navigation: (context: Context, csrf: () => string) => Html | '';
  /** What every page says above its content. */
  readonly banner: (context: Context, csrf: () => string) => Promise<Html | ''>;
  /** What a page says above a form that has become stale. */
  readonly staleForm: (words: Wording) => string;
};

export function createPageAnswers<Context extends WebContext>({
  site,
  locations,
  answers,
  cookies,
  csrf,
  flashes,
  ...parts
}: PageParts<Context>): PageAnswers<Context> {
  // A visitor without a cookie gets one with the answer.
  const bindingFor = (context: Context): CsrfBinding => {
    context.csrfBinding ??=
      submittedBinding(context, cookies, parts.bindingOf(context)) ?? newVisitor(context, cookies);
    return context.csrfBinding;
  };
  const csrfToken = (context: Context) => csrf.token(bindingFor(context), context.flow);
  const takeFlash = (context: Context): readonly Flash[] => {
    const cookie = cookies.read(context.request, webCookies.flash);
    if (cookie === null) return [];
    cookies.clear(context, webCookies.flash);
    return flashes
      .decode(cookie)
      .map(({ flash, count }) => ({ kind: flash.kind, text: flash.text(context.words, count) }));
  };
  return {
    csrfToken,
    show: async (context, wanted, { title, body, flash, width = 'narrow', leadsTo }, more) => {
      const { language, words } = context;
      const isStale = context.typed !== null && wanted === 200;
      const status = isStale ? 403 : wanted;
      const stale: readonly Flash[] = isStale ? [{ kind: 'notice', text: parts.staleForm(words) }] : [];
      const flashList = [...takeFlash(context), ...stale, ...(flash === undefined ? [] : [flash])];
      const page = await renderPage(site, {
        language,
        // Screen readers read the title first, so that is where a refused form says so.
        title: isRefused(status) ? words(pageWords).errorTitle(title) : title,
        body,
        flash: flashList,
        navigation: parts.navigation(context, () => csrfToken(context)),
        banner: await parts.banner(context, () => csrfToken(context)),
        width,
        leadsTo,
      });
      return answers.html(status, String(page), more);
    },
    redirect: (path, more) => answers.redirect(locations.of(path), more),
    flash: (context, ...messages) => {
      if (context.messages !== null) {
        context.messages = messages;
        return;
      }
      cookies.set(context, webCookies.flash, flashes.encode(...messages), FLASH_LIFETIME_SECONDS);
    },
  };
}

function isRefused(status: number): boolean {
  return status === 401 || status === 422 || status === 429;
}

/**
 * What a submitted form must have been bound to; null when the browser sent nothing that it could be.
 * @param ofUser what the forms of its user are bound to, where one is known
 */
export function submittedBinding(
  { request }: WebContext,
  cookies: Cookies,
  ofUser: CsrfBinding | null,
): CsrfBinding | null {
  if (ofUser !== null) return ofUser;
  const visitor = cookies.read(request, webCookies.visitor);
  return visitor !== null && isToken(visitor) ? ['visitor', visitor] : null;
}

function newVisitor(context: WebContext, cookies: Cookies): CsrfBinding {
  const visitor = newToken();
  cookies.set(context, webCookies.visitor, visitor);
  return ['visitor', visitor];
}
