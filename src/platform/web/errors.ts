import { type CountFailure, describeError, type Log } from '../observability/index.ts';
import { OVERLOAD_RETRY_SECONDS, Overloaded } from '../runtime/index.ts';
import type { Database } from '../sql/index.ts';
import { chooseLanguage, type Languages } from '../words/index.ts';
import type { Answers } from './answers.ts';
import type { WebContext } from './context.ts';
import { isApiClient } from './context.ts';
import { type ErrorDetails, errorPage } from './pages/error-page.ts';
import type { Site } from './pages/layout.ts';
import { RequestRefused } from './problems.ts';
import type { ErrorStatus } from './words.ts';

const DATABASE_RETRY_SECONDS = 5;

/** Turns what went wrong into an answer: a calm page for browsers, problem+json for API clients. */
export type ErrorAnswers = {
  /** @param as the kind of client that it is for; without it the request decides */
  readonly refuse: (request: Request, refusal: RequestRefused, as?: 'page' | 'api') => Promise<Response>;
  /** The page for a request whose head cannot be used: the same for all of them, in the first language. */
  readonly page: (status: ErrorStatus) => string;
  /** 503: the database cannot be used at the moment. */
  readonly unavailable: (request: Request) => Promise<Response>;
  /** Decides what an exception means. What is unforeseen is logged, and its answer says only the request's id. */
  readonly fromException: (context: WebContext, error: unknown) => Promise<Response>;
};

export type ErrorParts = {
  readonly answers: Answers;
  readonly site: Site;
  readonly origin: string;
  readonly basePath: string;
  readonly languages: Languages;
  readonly database: Pick<Database<unknown>, 'isUnavailable'>;
  readonly log: Log;
  /** Counts every request that fails on our side. */
  readonly count?: CountFailure;
};

export function createErrorAnswers({
  answers,
  site,
  origin,
  basePath,
  languages,
  database,
  log,
  count = () => {},
}: ErrorParts): ErrorAnswers {
  const pages = new Map<string, string>();
  // A request can be refused before it has a context.
  const languageOf = (request: Request) => chooseLanguage(languages, request.headers.get('accept-language'));
  const pageFor = async (request: Request, status: ErrorStatus, details: ErrorDetails) => {
    const language = languageOf(request);
    const key = `${language.tag} ${status} ${details.retryAfterSeconds} ${details.formRefusal} ${details.hostKind}`;
    const page = pages.get(key) ?? String(await errorPage(site, language, status, details));
    // Only the few fixed waiting times are kept, so this stays small.
    if (pages.size < 50 * languages.length) pages.set(key, page);
    return page;
  };
  const refuse: ErrorAnswers['refuse'] = async (request, refusal, as) => {
    const { status, retryAfterSeconds, allow, formRefusal, hostKind } = refusal;
    const more = headersOf({ 'retry-after': retryAfterSeconds?.toString(), allow });
    if (as === undefined ? isApiClient(request, basePath) : as === 'api')
      return answers.problem(status, more);
    const details = {
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(formRefusal !== undefined && { formRefusal }),
      ...(status === 421 && { origin }),
      ...(hostKind !== undefined && { hostKind }),
    };
    return answers.html(status, await pageFor(request, status, details), more);
  };
  return {
    refuse,
    page: (status) => String(errorPage(site, languages[0], status)),
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
      if (isApiClient(request, basePath)) return answers.problem(500);
      return answers.html(500, String(await errorPage(site, languageOf(request), 500, { requestId })));
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
