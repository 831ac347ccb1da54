import { z } from 'zod';
import type { TooMany } from '../rate-limit/index.ts';
import {
  type FlashMessage,
  type Form,
  fieldName,
  type Html,
  type MaybePromise,
  type MessageCard,
  messagePage,
  type PageAnswers,
  type WebContext,
} from '../web/index.ts';
import type { Wording } from '../words/index.ts';

type Pages<Context extends WebContext> = { readonly pages: PageAnswers<Context> };

/** What the text of a reason may contain, such as a number of characters. */
export type Details = Readonly<Record<string, string | number>>;

/** How a reason is answered. Without `field` it is about the whole form. */
export type Reason<Field extends string> = {
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 422 | 503;
  readonly field?: Field;
  readonly text: (words: Wording, details: Details) => string;
  /** What browsers get where the form is of no further use: a message or another page. */
  readonly instead?: ((words: Wording) => MessageCard) | Next;
};

/** The page that comes next, a path of ours, with messages for it. */
export type Next = { readonly next: string; readonly flashes?: readonly FlashMessage[] };

/** A reason after which browsers get a message instead of the form. */
export function endingReason(
  status: Reason<never>['status'],
  card: (words: Wording) => MessageCard,
): Reason<never> {
  return { status, text: (words) => card(words).text, instead: card };
}

/** Answers a browser for a reason after which its form is of no use. */
export async function answerInstead<Context extends WebContext>(
  { pages }: Pages<Context>,
  context: Context,
  { status, instead }: Pick<Reason<never>, 'status' | 'instead'>,
): Promise<Response> {
  if (instead === undefined) throw new TypeError('there is nothing instead of the form');
  if (typeof instead !== 'function') return leadOn({ pages }, context, instead);
  return pages.show(context, status, messagePage(instead(context.words)));
}

/** Redirects to the next page, with its messages. */
export function leadOn<Context extends WebContext>(
  { pages }: Pages<Context>,
  context: Context,
  { next, flashes = [], headers }: Next & Pick<Done, 'headers'>,
): Response {
  if (flashes.length > 0) pages.flash(context, ...flashes);
  return pages.redirect(next, headers);
}

/** A reason for which an action did nothing. */
export type Problem<Name extends string = string> = { readonly reason: Name; readonly details?: Details };

export type Done = Next & {
  readonly ok: true;
  /** What API clients get besides; JSON. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Further headers of the response, for browsers and API clients. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Draws what browsers get instead of the redirect to `next`. */
  readonly draw?: () => MaybePromise<Response>;
};

export type Refused<Name extends string = string> =
  | {
      readonly ok: false;
      readonly problems: readonly Problem<Name>[];
      /** Where browsers go instead of the form, if that depends on the request. */
      readonly instead?: Next;
    }
  | { readonly ok: false; readonly reason: 'too-many'; readonly refusal: TooMany };

/** The fields of an input by the names that forms use: `newName` is sent as `new-name`. */
export function fieldsOf(input: z.ZodObject, form: Form): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.keys(input.shape).map((name) => {
      const sent = fieldName(name);
      return [name, form.has(sent) ? form.text(sent) : undefined];
    }),
  );
}

/** A field of text; one that was not sent is empty. */
export const text = () => z.string().default('');

/** A checkbox: checked where it is sent. */
export const flag = () => text().transform((sent) => sent !== '');

/** What a view draws a form with. */
export type FormView<Field extends string = string> = {
  /** Where it is posted to. */
  readonly path: string;
  readonly csrf: string;
  /** What was entered before; empty for what an action does not keep. */
  readonly value: (field: Field) => string;
  /** Whether it was sent before, and is drawn again. */
  readonly isSent: boolean;
  /** Whether it has the hidden field that traps robots: not for a user whose browser fills it in. */
  readonly hasTrap: boolean;
  /** What is wrong with the whole form, in words. */
  readonly problem: string | null;
  /** What is wrong with a field, in words. */
  readonly problemOf: (field: Field) => string | null;
  /** Whether the form was refused for a reason. */
  readonly hasReason: (reason: string) => boolean;
  /** The proof of work inside the form; empty if none is required. */
  readonly challenge: Html | '';
};
