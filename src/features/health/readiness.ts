import type { Core } from '../../auth/core.ts';

/** GET /readyz: whether requests can be served, which takes the database. */
export function showReadiness({ answers, database }: Core) {
  return async (): Promise<Response> => {
    try {
      await database.ping();
      return answers.text(200, 'ok');
    } catch {
      return answers.text(503, 'database unavailable', { 'retry-after': '5' });
    }
  };
}
