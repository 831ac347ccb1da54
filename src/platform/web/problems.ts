import type { FormRefusal } from './csrf.ts';
import type { HostKind } from './own-host.ts';
import type { ErrorStatus } from './words.ts';

/** The statuses that a request can end with when it is refused; some only where JSON was asked for. */
export type ProblemStatus = ErrorStatus | 401 | 409 | 410 | 422 | 429;

type RefusalDetails = {
  readonly retryAfterSeconds?: number;
  readonly allow?: string;
  readonly formRefusal?: FormRefusal;
  readonly hostKind?: HostKind;
};

/** A request refused: a value where the caller decides, thrown where no nearer caller can. */
export class RequestRefused extends Error {
  readonly status: ErrorStatus;
  readonly retryAfterSeconds: number | undefined;
  readonly allow: string | undefined;
  /** Why a form was refused, where that has a page of its own. */
  readonly formRefusal: FormRefusal | undefined;
  /** What host was named instead of ours. */
  readonly hostKind: HostKind | undefined;
  constructor(status: ErrorStatus, details: RefusalDetails = {}) {
    super(`request refused with status ${status}`);
    this.name = 'RequestRefused';
    this.status = status;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.allow = details.allow;
    this.formRefusal = details.formRefusal;
    this.hostKind = details.hostKind;
  }
}

const TITLES: Readonly<Record<Exclude<ProblemStatus, 401>, string>> = {
  400: 'Bad request',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content too large',
  414: 'Address too long',
  415: 'Unsupported content type',
  421: 'Misdirected request',
  422: 'Invalid fields',
  429: 'Too many attempts',
  431: 'Header fields too large',
  500: 'Internal error',
  503: 'Temporarily unavailable',
};

/**
 * The body of an `application/problem+json` answer (RFC 9457).
 * @param unauthorized the title of a problem with the status 401
 */
export function problemBody(
  status: ProblemStatus,
  unauthorized: string,
  members: Readonly<Record<string, unknown>> = {},
): string {
  const title = status === 401 ? unauthorized : TITLES[status];
  return JSON.stringify({ type: 'about:blank', title, status, ...members });
}
