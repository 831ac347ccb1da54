import type { Core } from '../../auth/core.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { createBudget, MINUTE } from '../../platform/runtime/index.ts';
import { parseJson, RequestRefused, readText } from '../../platform/web/index.ts';
import { isReport, violationsIn } from './violations.ts';

const MAXIMUM_BODY_BYTES = 8 * 1024;

/** Every client can send reports, so what they make this node write is bounded. */
const LINES = { most: 20, window: MINUTE };

/** POST /csp-reports: parse → log, within a budget → 204. Nothing is stored and nothing changes. */
export function receiveReports({ answers, clock, log, settings: { baseUrl } }: Core) {
  const budget = createBudget(LINES);
  return async ({ request }: RequestContext): Promise<Response> => {
    if (!isReport(request.headers.get('content-type'))) throw new RequestRefused(415);
    const report = parseJson(await readText(request, MAXIMUM_BODY_BYTES));
    for (const violation of violationsIn(report, baseUrl.origin)) {
      const { isWithin, leftOut } = budget.spend(clock());
      if (leftOut > 0) log.warn({ event: 'csp-violations-left-out', count: leftOut });
      if (isWithin) log.warn({ event: 'csp-violation', ...violation });
    }
    return answers.noContent();
  };
}
