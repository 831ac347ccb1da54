import type {
  Action,
  Done,
  DrawPage,
  FormView,
  PageDefinition,
  Problem,
  Reason,
  Refused,
} from '../auth/action.ts';
import type { Core } from '../auth/core.ts';
import type { FeatureDefinition, Route } from '../auth/feature.ts';
import type { RequestContext, Submission } from '../auth/request-context.ts';
import type { UseService } from '../auth/services.ts';
import { answerInstead, leadOn } from '../platform/outcomes/index.ts';
import { refusalHeaders, type TooManyNotice, tooManyNotice } from '../platform/rate-limit/index.ts';
import { type FlashMessage, type Form, fieldName, keepsTrap } from '../platform/web/index.ts';

/**
 * The routes of the pages and actions that features declare: a GET for each page, and for each action a POST of its form
 * and a POST of the same as JSON below `/api`.
 * @throws {Error} when the page of an action is not declared
 */
export function presentedRoutes(
  core: Core,
  use: UseService,
  { pages = [], actions = [] }: Pick<FeatureDefinition, 'pages' | 'actions'>,
): readonly Route[] {
  const bound = pages.map((page) => ({ page, draw: page.bind(core, use) }));
  const drawn = new Map(bound.map(({ page, draw }) => [page.path, draw]));
  return [
    ...bound.map(({ page, draw }) => pageRoute(core, page, draw, actions)),
    ...actions.flatMap((action) => {
      const draw = drawn.get(action.page);
      if (draw === undefined) throw new Error(`no page has the form of ${action.path}`);
      return actionRoutes(core, use, action, draw);
    }),
  ];
}

function pageRoute(
  core: Core,
  { path, access }: PageDefinition,
  draw: DrawPage,
  actions: readonly Action[],
): Route {
  const action = actions.find(({ page }) => page === path) ?? null;
  const handle = (context: RequestContext) =>
    answerPage(core, context, 200, draw, (drawing) =>
      formView(core, drawing, { action, form: drawing.typed }),
    );
  return { method: 'GET', path, access, limit: 'none', handle };
}

async function answerPage(
  { pages }: Core,
  context: RequestContext,
  status: number,
  draw: DrawPage,
  formOf: (context: RequestContext) => FormView,
  more?: Readonly<Record<string, string>>,
): Promise<Response> {
  const page = await draw(context, formOf);
  return page instanceof Response ? page : pages.show(context, status, page, more);
}

function actionRoutes(core: Core, use: UseService, action: Action, draw: DrawPage): readonly Route[] {
  const perform = action.bind(core, use);
  const { path, page, access, capacity: limit } = action;
  const form = async ({ context, form }: Submission) =>
    answerForm(core, action, draw, { context, form, outcome: await perform(context, form) });
  const json = async ({ context, form }: Submission) =>
    answerJson(core, action, context, await perform(context, form));
  const posted = { method: 'POST', path, page, limit, handle: form } as const;
  return [
    access === 'public' ? { ...posted, access } : { ...posted, access },
    { method: 'POST', path: `/api${path}`, access, limit, body: 'json', handle: json },
  ];
}

type Performed = {
  readonly context: RequestContext;
  readonly form: Form;
  readonly outcome: Done | Refused;
};

/** 303 to what comes next, or the form again with what is wrong. */
async function answerForm(
  core: Core,
  action: Action,
  draw: DrawPage,
  { context, form, outcome }: Performed,
): Promise<Response> {
  if (outcome.ok) {
    const leads = leadOn(core, context, outcome);
    return outcome.draw?.() ?? leads;
  }
  context.refused = form;
  if ('problems' in outcome) {
    const { problems, instead } = outcome;
    if (instead !== undefined) return leadOn(core, context, instead);
    const reason = reasonOf(action, problems);
    if (reason.instead !== undefined) return answerInstead(core, context, reason);
    const formOf = (drawing: RequestContext) => formView(core, drawing, { action, form, problems });
    return answerPage(core, context, reason.status, draw, formOf);
  }
  const now = core.clock();
  const tooMany = await tooManyNotice(context.words, outcome.refusal, now);
  const formOf = (drawing: RequestContext) => formView(core, drawing, { action, form, tooMany });
  return answerPage(core, context, 429, draw, formOf, refusalHeaders(outcome.refusal, now));
}

type FormState = {
  /** Null where a page has no form. */
  readonly action: Action | null;
  /** What was sent; null for a form that was not sent yet. */
  readonly form: Form | null;
  readonly problems?: readonly Problem[];
  readonly tooMany?: TooManyNotice;
};

function formView(
  { pages }: Core,
  context: RequestContext,
  { action, form, problems = [], tooMany }: FormState,
): FormView {
  const textOf = (problem: Problem | undefined) =>
    problem === undefined || action === null ? null : problemText(action, context, problem);
  const isAbout = ({ reason }: Problem, field: string | undefined) =>
    action?.reasons[reason]?.field === field;
  return {
    path: action?.path ?? '',
    csrf: pages.csrfToken(context),
    value: (field) => (isKept(action, field) ? (form?.text(fieldName(field)) ?? '') : ''),
    isSent: form !== null,
    hasTrap: form === null || keepsTrap(form),
    problem: tooMany?.text ?? textOf(problems.find((problem) => isAbout(problem, undefined))),
    problemOf: (field) => textOf(problems.find((problem) => isAbout(problem, field))),
    hasReason: (reason) =>
      (tooMany !== undefined && reason === 'too-many') ||
      problems.some((problem) => problem.reason === reason),
    challenge: tooMany?.challenge?.form ?? '',
  };
}

function isKept(action: Action | null, field: string): boolean {
  return (
    action?.keeps.some((name) => name === field || (name.endsWith('-') && field.startsWith(name))) === true
  );
}

function problemText(
  { reasons }: Action,
  { words }: RequestContext,
  { reason, details = {} }: Problem,
): string {
  return reasons[reason]?.text(words, details) ?? reason;
}

/** The first of several reasons decides the status. */
function reasonOf({ path, reasons }: Action, problems: readonly Problem[]): Reason<string> {
  const [first] = problems;
  const reason = first === undefined ? undefined : reasons[first.reason];
  if (reason === undefined) throw new Error(`${path} was refused for a reason that it does not declare`);
  return reason;
}

/** 200 with what comes next, or a problem (RFC 9457) that names each reason and its field. */
async function answerJson(
  core: Core,
  action: Action,
  context: RequestContext,
  outcome: Done | Refused,
): Promise<Response> {
  const { answers, clock, locations } = core;
  if (outcome.ok) {
    const all = [...(context.messages ?? []), ...(outcome.flashes ?? [])];
    const messages = all.map((message) => messageOf(context, message));
    return answers.json({ next: locations.of(outcome.next), messages, ...outcome.data }, outcome.headers);
  }
  if ('problems' in outcome) {
    const { problems } = outcome;
    return answers.problem(
      reasonOf(action, problems).status,
      {},
      {
        problems: problems.map((problem) => ({
          reason: problem.reason,
          field: action.reasons[problem.reason]?.field ?? null,
          detail: problemText(action, context, problem),
        })),
      },
    );
  }
  const now = clock();
  const { text, challenge } = await tooManyNotice(context.words, outcome.refusal, now);
  return answers.problem(429, refusalHeaders(outcome.refusal, now), {
    problems: [{ reason: 'too-many', field: null, detail: text }],
    challenge: challenge?.json ?? null,
  });
}

function messageOf({ words }: RequestContext, message: FlashMessage) {
  const { flash, count } = 'flash' in message ? message : { flash: message, count: 0 };
  return { kind: flash.kind, text: flash.text(words, count) };
}
