import type { Core } from '../../core/core.ts';
import type { Feature } from '../../core/feature.ts';

/** What a load balancer asks: is the process alive, and can it serve. */
export function health({ answers, database }: Core): Feature {
  return {
    name: 'health',
    needs: [],
    settings: {},
    tables: [],
    routes: [
      {
        method: 'GET',
        path: '/healthz',
        access: 'open',
        limit: 'none',
        handle: () => answers.text(200, 'ok'),
      },
      { method: 'GET', path: '/readyz', access: 'open', limit: 'none', handle: () => readiness() },
    ],
  };

  async function readiness(): Promise<Response> {
    try {
      await database.ping();
      return answers.text(200, 'ok');
    } catch {
      return answers.text(503, 'database unavailable', { 'retry-after': '5' });
    }
  }
}
