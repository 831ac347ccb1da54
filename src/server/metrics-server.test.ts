import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { it } from 'node:test';
import { SECRET_KEY } from '../../tests/kit/system.ts';
import { freePort } from '../../tests/kit/temporary.ts';
import { createMetrics } from '../platform/observability/index.ts';
import { settingsFromOptions } from '../read-settings.ts';
import { openMetricsEndpoint } from './metrics-server.ts';

it('the metrics port closes at once, even with a client connected in the middle of a request', async () => {
  const metricsPort = await freePort();
  const settings = settingsFromOptions({ secretKey: SECRET_KEY, metricsPort });
  const endpoint = await openMetricsEndpoint(settings, createMetrics());
  const url = `http://127.0.0.1:${metricsPort}/metrics`;
  assert.equal((await fetch(url)).status, 200);
  const halfway = connect(metricsPort, '127.0.0.1');
  halfway.on('error', () => {});
  halfway.write('GET /metrics HTTP/1.1\r\nHost: ');
  await once(halfway, 'connect');
  await endpoint.close();
  await assert.rejects(fetch(url));
  halfway.destroy();
});

it('I13 the metrics port accepts no host name except localhost, METRICS_HOST and METRICS_ALLOWED_HOSTS', async () => {
  const metricsPort = await freePort();
  const settings = settingsFromOptions({
    secretKey: SECRET_KEY,
    metricsPort,
    metricsAllowedHosts: 'latchkey, Metrics.internal',
  });
  const endpoint = await openMetricsEndpoint(settings, createMetrics());
  await using _ = { [Symbol.asyncDispose]: endpoint.close };
  const statusFor = (host: string) =>
    new Promise((resolve, reject) => {
      const asked = request({
        port: metricsPort,
        host: '127.0.0.1',
        path: '/metrics',
        agent: false,
        headers: { host },
      });
      asked.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
      asked.end();
    });
  for (const host of [
    `127.0.0.1:${metricsPort}`,
    '192.0.2.7',
    '[::1]',
    `localhost:${metricsPort}`,
    'LATCHKEY:9464',
  ])
    assert.equal(await statusFor(host), 200, host);
  assert.equal(await statusFor('metrics.internal'), 200);
  for (const host of [
    'evil.example',
    '127.0.0.1.evil.example',
    'latchkey.evil.example',
    '127.0.0.1@evil.example',
  ])
    assert.equal(await statusFor(host), 421, host);
});
