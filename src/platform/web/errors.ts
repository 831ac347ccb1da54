import { type CountFailure, describeError, type Log } from '../observability/index.ts';
import { OVERLOAD_RETRY_SECONDS, Overloaded } from '../runtime/index.ts';
import type { Database } from '../sql/index.ts';
import type { Answers } from './answers.ts';
import { isProgram } from './api-clients.ts';
import type { RequestContext } from './context.ts';
import { type ErrorDetails, errorPage } from './pages/error-page.ts';
import type { Site } from './pages/layout.ts';
import { type ProblemStatus, RequestRefused } from './problems.ts';

const DATABASE_RETRY_SECONDS = 5;

/** Turns what went wrong into an answer: a calm page for people, problem+json for programs. */
export type ErrorAnswers = {
  readonly refuse: (request: Request, refusal: RequestRefused) => Promise<Response>;
  /** The page for a request whose head cannot be used; it is the same for all of them. */
  readonly page: (status: ProblemStatus) => string;
  /** 503: the database cannot be used at the moment. */
  readonly unavailable: (request: Request) => Promise<Response>;
  /** Decides what an exception means. Whatever nobody foresaw is logged, and its answer says only the request's id. */
  readonly fromException: (context: RequestContext, error: unknown) => Promise<Response>;
};

/** @param count is told of every request that fails on our side */
export function createErrorAnswers(
  answers: Answers,
  site: Site,
  origin: string,
  database: Pick<Database<unknown>, 'isUnavailable'>,
  log: Log,
  count: CountFailure = () => {},
): ErrorAnswers {
  const pages = new Map<string, string>();
  const pageFor = async (status: ProblemStatus, details: ErrorDetails) => {
    const key = `${status} ${details.retryAfterSeconds} ${details.formRefusal}`;
    const page = pages.get(key) ?? String(await errorPage(site, status, details));
    // Only the few fixed waiting times are kept, so this stays small.
    if (pages.size < 50) pages.set(key, page);
    return page;
  };
  const refuse = async (request: Request, refusal: RequestRefused) => {
    const { status, retryAfterSeconds, allow, formRefusal } = refusal;
    const more = headersOf({ 'retry-after': retryAfterSeconds?.toString(), allow });
    if (isProgram(request)) return answers.problem(status, more);
    const details = {
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(formRefusal !== undefined && { formRefusal }),
      ...(status === 421 && { origin }),
    };
    return answers.html(status, await pageFor(status, details), more);
  };
  return {
    refuse,
    page: (status) => String(errorPage(site, status)),
    unavailable: (request) => {
      count('database-unavailable');
      return refuse(request, unavailable(DATABASE_RETRY_SECONDS));
    },
    fromException: async (context, error) => {
      const { request, id: requestId } = context;
      if (error instanceof RequestRefused) return refuse(request, error);
      if (error instanceof Overloaded) {
        count('overloaded');
        return refuse(request, unavailable(OVERLOAD_RETRY_SECONDS));
      }
      if (database.isUnavailable(error)) {
        count('database-unavailable');
        log.error({ event: 'database-unavailable', requestId, error: describeError(error) });
        return refuse(request, unavailable(DATABASE_RETRY_SECONDS));
      }
      count('internal');
      log.error({ event: 'internal-error', requestId, error: describeError(error) });
      if (isProgram(request)) return answers.problem(500);
      return answers.html(500, String(await errorPage(site, 500, { requestId })));
    },
  };
}

function unavailable(retryAfterSeconds: number): RequestRefused {
  return new RequestRefused(503, { retryAfterSeconds });
}

function headersOf(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
