import { html } from 'hono/html';
import { paths } from '../auth/paths.ts';
import { isSignedIn, type RequestContext } from '../auth/request-context.ts';
import type { Slots } from '../auth/slots.ts';
import { csrfField, type Html, submitButton } from '../platform/web/index.ts';
import { navigationWords } from './words.ts';

/** The header of a page: a link to the account of the signed-in user, and the sign-out button. */
export function navigation({ signedIn, words }: RequestContext, csrf: () => string): Html | '' {
  if (signedIn === null) return '';
  const text = words(navigationWords);
  return html`<div class="who"><a class="name" href="${paths.account}"><span class="unseen">${text.yourAccount} </span><bdi>${signedIn.user.username}</bdi></a><form method="post" action="${paths.logout}">${csrfField(csrf())}${submitButton(text.signOut)}</form></div>`;
}

/** What features say on every page of a signed-in user. */
export async function bannersOf(
  { banners }: Pick<Slots, 'banners'>,
  context: RequestContext,
  csrf: () => string,
): Promise<Html | ''> {
  if (!isSignedIn(context)) return '';
  const shown = await Promise.all(banners.map((banner) => banner(context, csrf)));
  return html`${shown}`;
}
