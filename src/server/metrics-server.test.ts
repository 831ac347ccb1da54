import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { it } from 'node:test';
import { SECRET_KEY } from '../../tests/kit/system.ts';
import { freePort } from '../../tests/kit/temporary.ts';
import { createMetrics } from '../core/metrics/metrics.ts';
import { settingsFromOptions } from '../settings.ts';
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
