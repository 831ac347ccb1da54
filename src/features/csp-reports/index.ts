import { defineFeature } from '../../auth/feature.ts';
import { oneOf, type SettingsOf, setting } from '../../platform/settings/index.ts';
import { receiveReports } from './receive.ts';

const PATH = '/csp-reports';

const cspReportSettings = {
  cspReports: setting({
    name: 'CSP_REPORTS',
    meaning:
      'Whether browsers report violations of the Content-Security-Policy to `/csp-reports`, which logs them: `on` or `off`.',
    fallback: 'off',
    schema: oneOf(['off', 'on']),
  }),
};

/** Reports of browsers about scripts, styles and forms that the Content-Security-Policy blocked. */
export const cspReports = defineFeature({
  name: 'csp-reports',
  bounds: [{ routes: ['POST /csp-reports'], costs: 'log lines', bound: '8 KB each, 20 lines a minute' }],
  settings: cspReportSettings,
  cspReportPath: (settingsOf) => (isOn(settingsOf) ? PATH : null),
  compose: (core) => {
    const handle = receiveReports(core);
    const route = {
      method: 'POST',
      path: PATH,
      access: 'open',
      limit: 'none',
      changes: 'nothing',
      handle,
    } as const;
    return { routes: isOn(core.settingsOf) ? [route] : [] };
  },
});

function isOn(settingsOf: SettingsOf): boolean {
  return settingsOf(cspReportSettings).cspReports === 'on';
}
