import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { openWindow, startFullBrowser } from '../kit/browser.ts';
import { until } from '../kit/clock.ts';
import { startHttpServer } from '../kit/system.ts';
import { startHttpsServer } from '../kit/wire.ts';

// Without the first switch, reports of the Reporting API wait up to a minute; the second accepts the test's
// certificate.
const SWITCHES = ['--short-reporting-delay', '--ignore-certificate-errors'];

const SMUGGLE = `{
  const script = document.createElement('script');
  script.textContent = "document.title = 'taken over'";
  document.body.append(script);
}`;

async function smuggle(page: Page): Promise<void> {
  await page.goto('/login?next=%2Fdashboard');
  await page.evaluate(SMUGGLE);
  assert.doesNotMatch(await page.title(), /taken over/);
}

describe('a script that an attacker has injected into a page', () => {
  for (const [scheme, start] of [
    ['http', startHttpServer],
    ['https', startHttpsServer],
  ] as const) {
    it(`A43: does not run, and the report of the browser is logged, on ${scheme}`, async () => {
      await using server = await start({ cspReports: 'on' });
      await using browser = await startFullBrowser(SWITCHES);
      const { origin, logLines } = server.system;
      await using window = await openWindow(browser, origin, { ignoreHTTPSErrors: true });
      await smuggle(window.page);
      const reported =
        '"event":"csp-violation","directive":"script-src-elem","page":"/login","blocked":"inline"';
      await until('the report is there', () => logLines.some((line) => line.includes(reported)));
    });
  }
});
