import type { Core } from '../../auth/core.ts';
import type { Feature } from '../../auth/feature.ts';
import { showDashboard, showHome } from './dashboard.ts';

/** The first page after signing in, and the way there from the bare address. */
export function dashboard(core: Core): Feature {
  return {
    name: 'dashboard',
    needs: [],
    settings: {},
    tables: [],
    routes: [
      { method: 'GET', path: '/', access: 'open', limit: 'none', handle: showHome(core) },
      { method: 'GET', path: '/dashboard', access: 'signed-in', limit: 'none', handle: showDashboard(core) },
    ],
  };
}
