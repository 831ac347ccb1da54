import type { z } from 'zod';
import {
  type Done,
  type FormView,
  fieldsOf,
  type Problem,
  type Reason,
  type Refused,
} from '../platform/outcomes/index.ts';
import type { Form, MaybePromise, Page } from '../platform/web/index.ts';
import type { Wording } from '../platform/words/index.ts';
import type { Core } from './core.ts';
import type { RequestContext, SignedInContext } from './request-context.ts';
import { type Deps, type Needs, resolveNeeds, type UseService } from './services.ts';

export {
  type Done,
  type FormView,
  flag,
  type Problem,
  type Reason,
  type Refused,
  text,
} from '../platform/outcomes/index.ts';

/** Who may use a page or an action; see `Route`. */
export type Access = 'public' | 'signed-in' | 'fresh';

type ContextOf<A extends Access> = A extends 'public' ? RequestContext : SignedInContext;

/**
 * `hashing`: the route costs a password hash, so it gets 503 while the queue is full, before its body is read. `sign-in`: the
 * same, with the priority of known devices, which routes of a session have.
 */
export type Capacity = 'none' | 'hashing' | 'sign-in';

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
  readonly capacity: Capacity;
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
  readonly capacity?: Exclude<Capacity, 'none'>;
  readonly needs?: N;
  readonly input: Input;
  readonly keeps?: readonly ((keyof Input['shape'] & string) | `${string}-`)[];
  readonly reasons: Readonly<Record<Name, Reason<keyof Input['shape'] & string>>>;
  readonly run: (core: Core, deps: Deps<N>) => Run<ActionRequest<z.output<Input>, A>, NoInfer<Name>>;
}): Action {
  const { input, needs, run: create, ...declared } = options;
  return {
    ...{ page: options.path, capacity: 'none', keeps: [], input, ...declared },
    bind: (core, use) => {
      const run = create(core, resolveNeeds(needs, use));
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
