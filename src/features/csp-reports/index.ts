import type { Core } from '../../auth/core.ts';
import type { Feature } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import type { Log } from '../../platform/observability/log.ts';
import { setting } from '../../platform/settings/setting.ts';
import { oneOf } from '../../platform/settings/values.ts';
import { receiveReports } from './receive.ts';

export const cspReportSettings = {
  cspReports: setting({
    name: 'CSP_REPORTS',
    meaning:
      'Whether browsers report violations of the Content-Security-Policy to `/csp-reports`, which logs them: `on` or `off`.',
    fallback: 'off',
    schema: oneOf(['off', 'on']),
  }),
};

/** What browsers tell of scripts, styles and forms that the Content-Security-Policy stopped. */
export function cspReports(core: Core, isOn: 'off' | 'on', log: Log): Feature {
  return {
    name: 'csp-reports',
    needs: [],
    settings: cspReportSettings,
    tables: [],
    routes:
      isOn === 'off'
        ? []
        : [
            {
              method: 'POST',
              path: paths.cspReports,
              access: 'open',
              limit: 'none',
              changes: 'nothing',
              handle: receiveReports(core, log),
            },
          ],
  };
}
