import type { RequestContext } from '../platform/web/context.ts';
import { type MessageCard, messageCard } from '../platform/web/pages/message-card.ts';
import type { Core } from './core.ts';
import type { OneTimeToken } from './one-time-tokens/one-time-tokens.ts';
import type { TokenDefinition } from './one-time-tokens/token-definition.ts';
import { linkWords } from './words.ts';

/** A link that was opened in this browser and still works, with what it is about. */
export type OpenedLink<Data> = {
  readonly token: string;
  readonly found: OneTimeToken<Data>;
};

/**
 * The link that a page or form was drawn for, if it was opened in this browser; nothing is spent (A14). `none`: it was not
 * opened here. `gone` stands for spent, expired, replaced and unknown links alike (A13).
 */
export async function openedLink<Data>(
  { linkTokens, oneTimeTokens, clock }: Core,
  context: RequestContext,
  purpose: TokenDefinition<Data>,
  flow = context.flow,
): Promise<OpenedLink<Data> | 'none' | 'gone'> {
  const token = linkTokens.read(context, purpose, flow);
  if (token === null) return 'none';
  const found = await oneTimeTokens.read(purpose, token, clock());
  return found === null ? 'gone' : { token, found };
}

/** Answers a link that does not work, and forgets it. */
export function answerGone({ pages, linkTokens }: Core, context: RequestContext, card: MessageCard) {
  linkTokens.clear(context);
  return pages.show(context, 410, { title: card.title, body: messageCard(card) });
}

/** Answers the bare address of a page behind a link, such as one that was copied into another browser. */
export function answerUnopened({ pages }: Core, context: RequestContext, link?: MessageCard['link']) {
  const card = { ...context.words(linkWords), ...(link !== undefined && { link }) };
  return pages.show(context, 404, { title: card.title, body: messageCard(card) });
}
