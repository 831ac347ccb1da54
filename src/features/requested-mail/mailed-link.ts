import type { Done, Reason, Refused } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { OneTimeToken } from '../../auth/one-time-tokens/one-time-tokens.ts';
import type { TokenDefinition } from '../../auth/one-time-tokens/token-definition.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { type Deps, defineService, type Needs, type Service } from '../../auth/services.ts';
import { answerInstead, endingReason } from '../../platform/outcomes/index.ts';
import type { MaybePromise, MessageCard } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { linkWords } from './words.ts';

/** A link that was opened in this browser and still works, with what it is about. */
export type Opened<About> = { readonly token: string; readonly about: About };

/**
 * Why a link does not work. `link-unopened`: it was not opened in this browser. `link-gone`: it was spent,
 * has expired, was replaced or never existed (A13). `link-elsewhere`: only the browser that requested the mail may use it.
 */
type LinkReason = 'link-unopened' | 'link-gone' | 'link-elsewhere';

/** The outcome of an action whose link does not work any more, such as when another request was faster (A15). */
export const LINK_INVALID = { ok: false, problems: [{ reason: 'link-gone' }] } as const;

/** What the page and the action behind a mailed link call. Where the link does not work, both end with a message. */
export type MailedLink<About> = {
  /**
   * The `load` of a page: takes the token out of the address, then loads what its link is about. Nothing is spent (A14).
   * @param before answers a request before its link is looked up
   */
  readonly page: <Context extends RequestContext, Data>(
    load: (context: Context, opened: Opened<About>) => MaybePromise<Data | Response>,
    before?: (context: Context) => Response | null,
  ) => (context: Context) => Promise<Data | Response>;
  /** The `run` of an action. The token is forgotten once it is spent, or turns out not to work. */
  readonly action: <Request extends { readonly context: RequestContext }, Name extends string>(
    run: (request: Request, opened: Opened<About>) => MaybePromise<Done | Refused<Name>>,
  ) => (request: Request) => Promise<Done | Refused<Name | LinkReason>>;
};

type MailedLinkOptions<Data, About, N extends Needs> = {
  readonly purpose: TokenDefinition<Data>;
  readonly needs?: N;
  /** What a token is about, or why it does not work. */
  readonly find: (
    core: Core,
    deps: Deps<N>,
  ) => (
    token: OneTimeToken<NoInfer<Data>>,
    context: RequestContext,
  ) => MaybePromise<{ readonly about: About } | 'link-gone' | 'link-elsewhere'>;
  readonly invalid: (words: Wording) => MessageCard;
  readonly elsewhere?: (words: Wording) => MessageCard;
  /** Where another mail can be requested. */
  readonly again?: (words: Wording) => NonNullable<MessageCard['link']>;
};

/** Declares the link of a mail: a service for its page and its action, and the reasons that the action declares. */
export function defineMailedLink<Data, About, N extends Needs = Record<never, never>>({
  purpose,
  needs,
  find,
  invalid,
  elsewhere = invalid,
  again,
}: MailedLinkOptions<Data, About, N>): Service<MailedLink<About>> & {
  readonly reasons: Readonly<Record<LinkReason, Reason<never>>>;
} {
  const unopened = (words: Wording) => ({
    ...words(linkWords),
    ...(again !== undefined && { link: again(words) }),
  });
  const reasons = {
    'link-unopened': endingReason(404, unopened),
    'link-gone': endingReason(410, invalid),
    'link-elsewhere': endingReason(409, elsewhere),
  };
  const service = defineService<MailedLink<About>, N>({
    ...(needs !== undefined && { needs }),
    create: (core, deps) => createMailedLink(core, purpose, reasons, find(core, deps)),
  });
  return { ...service, reasons };
}

function createMailedLink<Data, About>(
  core: Core,
  purpose: TokenDefinition<Data>,
  reasons: Readonly<Record<LinkReason, Reason<never>>>,
  find: ReturnType<MailedLinkOptions<Data, About, Needs>['find']>,
): MailedLink<About> {
  const { linkTokens, oneTimeTokens, clock } = core;
  const open = async (context: RequestContext): Promise<Opened<About> | LinkReason> => {
    const token = linkTokens.read(context, purpose);
    if (token === null) return 'link-unopened';
    const live = await oneTimeTokens.read(purpose, token, clock());
    const found = live === null ? 'link-gone' : await find(live, context);
    return typeof found === 'string' ? found : { token, about: found.about };
  };
  return {
    page: (load, before) => async (context) => {
      const received = await linkTokens.receive(context, purpose);
      if (received !== null) return received;
      linkTokens.choose(context, purpose);
      const isOpened = linkTokens.read(context, purpose) !== null;
      const answered = isOpened && before !== undefined ? before(context) : null;
      if (answered !== null) return answered;
      const opened = await open(context);
      if (typeof opened !== 'string') return load(context, opened);
      if (opened !== 'link-unopened') linkTokens.clear(context);
      return answerInstead(core, context, reasons[opened]);
    },
    action: (run) => async (request) => {
      const { context } = request;
      const { flow } = context;
      const opened = await open(context);
      const outcome = typeof opened === 'string' ? refusal(opened) : await run(request, opened);
      if (outcome.ok || isFinal(outcome)) linkTokens.clear(context, flow);
      return outcome;
    },
  };
}

function refusal(reason: LinkReason): Refused<LinkReason> {
  return { ok: false, problems: [{ reason }] };
}

function isFinal(outcome: Refused): boolean {
  return (
    'problems' in outcome &&
    outcome.problems.some(({ reason }) => reason === 'link-gone' || reason === 'link-elsewhere')
  );
}
