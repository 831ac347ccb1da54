import { z } from 'zod';
import type { TooMany } from '../platform/rate-limit/index.ts';
import {
  type FlashMessage,
  type Form,
  fieldName,
  type Html,
  type MaybePromise,
  type MessageCard,
  messagePage,
  type Page,
} from '../platform/web/index.ts';
import type { Wording } from '../platform/words/index.ts';
import type { Core } from './core.ts';
import type { RequestContext, SignedInContext } from './request-context.ts';
import { type Deps, type Needs, resolveNeeds, type UseService } from './services.ts';

/** Who may use a page or an action; see `Route`. */
export type Access = 'public' | 'signed-in' | 'fresh';

type ContextOf<A extends Access> = A extends 'public' ? RequestContext : SignedInContext;

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
export async function answerInstead(
  core: Core,
  context: RequestContext,
  { status, instead }: Pick<Reason<never>, 'status' | 'instead'>,
): Promise<Response> {
  if (instead === undefined) throw new TypeError('there is nothing instead of the form');
  if (typeof instead !== 'function') return leadOn(core, context, instead);
  return core.pages.show(context, status, messagePage(instead(context.words)));
}

/** Redirects to the next page, with its messages. */
export function leadOn({ pages }: Core, context: RequestContext, { next, flashes = [] }: Next): Response {
  if (flashes.length > 0) pages.flash(context, ...flashes);
  return pages.redirect(next);
}

/** A reason for which an action did nothing. */
export type Problem<Name extends string = string> = { readonly reason: Name; readonly details?: Details };

export type Done = Next & {
  readonly ok: true;
  /** What API clients get besides; JSON. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Sent to browsers instead of the redirect to `next`. */
  readonly response?: Response;
};

export type Refused<Name extends string = string> =
  | {
      readonly ok: false;
      readonly problems: readonly Problem<Name>[];
      /** Where browsers go instead of the form, if that depends on the request. */
      readonly instead?: Next;
    }
  | { readonly ok: false; readonly reason: 'too-many'; readonly refusal: TooMany };

/** What an action gets: the parsed input, and the form as it was sent, in which the throttle looks for a proof of work. */
export type ActionRequest<Input, A extends Access> = {
  readonly context: ContextOf<A>;
  readonly input: Input;
  readonly form: Form;
};

type Run<Request, Name extends string> = (request: Request) => MaybePromise<Done | Refused<Name>>;

/**
 * Something that a user or an API client can do: declared once, presented as a form at `path` and as JSON at `/api` +
 * `path`, with the same access, limits, rules and events. Its types are known inside `bind` alone.
 */
export type Action = {
  readonly path: `/${string}`;
  /** The page that has its form, where that is another path. */
  readonly page: `/${string}`;
  readonly access: Access;
  /** `hashing`: refused with 503 while the queue of the hashing threads is full, before its body is read. */
  readonly capacity: 'none' | 'hashing';
  readonly input: z.ZodObject;
  readonly reasons: Readonly<Record<string, Reason<string>>>;
  /**
   * The fields that a form is drawn again with; all others, such as passwords, are entered again. A name that ends in
   * `-` is that of all fields that begin with it.
   */
  readonly keeps: readonly string[];
  readonly bind: (
    core: Core,
    use: UseService,
  ) => (context: RequestContext, form: Form) => MaybePromise<Done | Refused>;
};

/** Declares an action. @throws {Error} at its use, when its input schema gives a reason that it does not declare */
export function defineAction<
  A extends Access,
  Input extends z.ZodObject,
  Name extends string,
  N extends Needs = Record<never, never>,
>(options: {
  readonly path: `/${string}`;
  readonly page?: `/${string}`;
  readonly access: A;
  readonly capacity?: 'hashing';
  readonly needs?: N;
  readonly input: Input;
  readonly keeps?: readonly ((keyof Input['shape'] & string) | `${string}-`)[];
  readonly reasons: Readonly<Record<Name, Reason<keyof Input['shape'] & string>>>;
  readonly run: (core: Core, deps: Deps<N>) => Run<ActionRequest<z.output<Input>, A>, NoInfer<Name>>;
}): Action {
  const { path, page = path, access, capacity = 'none', input, reasons, keeps = [] } = options;
  return {
    path,
    page,
    access,
    capacity,
    input,
    reasons,
    keeps,
    bind: (core, use) => {
      const run = options.run(core, resolveNeeds(options.needs, use));
      return (context, form) => {
        const parsed = input.safeParse(fieldsOf(input, form));
        if (!parsed.success) return { ok: false, problems: parsed.error.issues.map(problemOf) };
        // The pipeline has checked the access that the context's type states.
        return run({ context: context as ContextOf<A>, input: parsed.data as z.output<Input>, form });
      };
    },
  };
}

function problemOf({ message }: { readonly message: string }): Problem {
  return { reason: message };
}

/** The fields of an input by the names that forms use: `newPassword` is sent as `new-password`. */
function fieldsOf(input: z.ZodObject, form: Form): Readonly<Record<string, string | undefined>> {
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

/** A page: its data is loaded, then its view draws it, with the form of its action where it has one. */
export type PageDefinition = {
  readonly path: `/${string}`;
  readonly access: Access;
  readonly bind: (core: Core, use: UseService) => DrawPage;
};

/** Draws a page, or answers the request in another way, such as by a redirect. */
export type DrawPage = (
  context: RequestContext,
  formOf: (context: RequestContext) => FormView,
) => Promise<Page | Response>;

/**
 * Declares a page. The same view draws it at first and after its action has refused.
 * @param options.load reads what the view needs, or answers the request itself
 */
export function definePage<
  A extends Access,
  Data,
  Field extends string = string,
  N extends Needs = Record<never, never>,
>(options: {
  readonly path: `/${string}`;
  readonly access: A;
  readonly needs?: N;
  readonly load: (
    core: Core,
    deps: Deps<N>,
  ) => (context: ContextOf<A>) => MaybePromise<NoInfer<Data> | Response>;
  readonly view: (words: Wording, form: FormView<Field>, data: Data) => Page;
}): PageDefinition {
  const { path, access, view } = options;
  return {
    path,
    access,
    bind: (core, use) => {
      const load = options.load(core, resolveNeeds(options.needs, use));
      return async (context, formOf) => {
        // The pipeline has checked the access that the context's type states.
        const data = await load(context as ContextOf<A>);
        return data instanceof Response ? data : view(context.words, formOf(context), data);
      };
    },
  };
}
