import { html } from 'hono/html';
import { paths } from '../auth/paths.ts';
import type { RequestContext } from '../auth/request-context.ts';
import { csrfField, type Html, submitButton } from '../platform/web/index.ts';
import { navigationWords } from './words.ts';

/** The header of a page: a link to the account of the signed-in user, and the sign-out button. */
export function navigation({ signedIn, words }: RequestContext, csrf: () => string): Html | '' {
  if (signedIn === null) return '';
  const text = words(navigationWords);
  return html`<div class="who"><a class="name" href="${paths.account}"><span class="unseen">${text.yourAccount} </span><bdi>${signedIn.user.username}</bdi></a><form method="post" action="${paths.logout}">${csrfField(csrf())}${submitButton(text.signOut)}</form></div>`;
}
