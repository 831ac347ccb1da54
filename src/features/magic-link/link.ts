import type { Core } from '../../auth/core.ts';
import { answerGone, answerUnopened, openedLink } from '../../auth/opened-link.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, Submission } from '../../platform/web/context.ts';
import { flowOfDigest } from '../../platform/web/flows.ts';
import { messageCard } from '../../platform/web/pages/message-card.ts';
import { type Asked, requestOf } from './asking/request-cookie.ts';
import { tokens } from './definitions.ts';
import { enter } from './entry.ts';
import { linkOf, type SignInLink } from './link-token.ts';
import { openForm } from './pages.ts';
import { magicLinkWords } from './words.ts';

/** GET /login/link/open: keeps the token, then shows a button; nothing is spent (A14). */
export function showLink(core: Core) {
  return async (context: RequestContext) => {
    const withoutToken = await core.linkTokens.receive(context, tokens['magic-link']);
    if (withoutToken !== null) return withoutToken;
    core.linkTokens.choose(context, tokens['magic-link']);
    const opened = await openedSignIn(core, context);
    if (!('link' in opened)) return refuse(core, context, opened.why);
    const account = await core.accounts.read(opened.link.accountId);
    const body = openForm({ csrf: core.pages.csrfToken(context), username: account?.username ?? '' });
    return core.pages.show(context, 200, { title: magicLinkWords.open.title, body });
  };
}

/** POST /login/link/open: of all who press the button at once, one goes on to the gate (A15). */
export function submitLink(core: Core) {
  return async ({ context }: Submission) => {
    const opened = await openedSignIn(core, context);
    if (!('link' in opened)) return refuse(core, context, opened.why);
    const { token, link, asked } = opened;
    const now = core.clock();
    const spent = await core.database.transaction((transaction) =>
      core.oneTimeTokens.spend(transaction, tokens['magic-link'], token, now),
    );
    if (spent === null) return refuse(core, context, 'gone');
    core.linkTokens.clear(context);
    return core.pages.redirect(await enter(core, context, link, asked));
  };
}

type Opened =
  | { readonly token: string; readonly link: SignInLink; readonly asked: Asked }
  /** `elsewhere`: another browser has asked for it. */
  | { readonly why: 'none' | 'gone' | 'elsewhere' };

async function openedSignIn(core: Core, context: RequestContext): Promise<Opened> {
  const opened = await openedLink(core, context, tokens['magic-link']);
  if (typeof opened === 'string') return { why: opened };
  const link = linkOf(opened.found);
  const asked = requestOf(core, context, flowOfDigest(link.browser));
  return asked?.browser === link.browser ? { token: opened.token, link, asked } : { why: 'elsewhere' };
}

function refuse(
  core: Core,
  context: RequestContext,
  why: 'none' | 'gone' | 'elsewhere',
): Response | Promise<Response> {
  const { pages, linkTokens } = core;
  const { gone, elsewhere } = magicLinkWords;
  const link = { path: paths.signInLink, label: gone.again };
  if (why === 'none') return answerUnopened(core, context, link);
  if (why === 'gone') return answerGone(core, context, { title: gone.title, text: gone.text, link });
  linkTokens.clear(context);
  return pages.show(context, 409, { title: elsewhere.title, body: messageCard(elsewhere) });
}
