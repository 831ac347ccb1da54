import type { Core } from '../../auth/core.ts';
import { describeError } from '../../platform/observability/index.ts';

/** GET /readyz: whether requests can be served, which takes a database that answers and stores what it is given. */
export function showReadiness({ answers, database, log }: Core) {
  // Load balancers ask every few seconds, so only changes are logged.
  let wasReady = true;
  return async (): Promise<Response> => {
    try {
      await database.ping();
      if (!wasReady) log.info({ event: 'ready-again' });
      wasReady = true;
      return answers.text(200, 'ok');
    } catch (error) {
      const reason = database.explain(error) ?? 'the database cannot be used';
      if (wasReady) log.error({ event: 'not-ready', reason, error: describeError(error) });
      wasReady = false;
      return answers.text(503, 'database unavailable', { 'retry-after': '5' });
    }
  };
}
