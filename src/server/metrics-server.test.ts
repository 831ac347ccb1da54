import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { it } from 'node:test';
import { startSystem } from '../../tests/kit/system.ts';
import { freePort } from '../../tests/kit/temporary.ts';
import { createMetrics } from '../core/metrics/metrics.ts';
import { openMetricsEndpoint } from './metrics-server.ts';

it('the port of the metrics closes at once, whoever is connected and half-way through asking', async () => {
  const metricsPort = await freePort();
  await using system = await startSystem({ metricsPort });
  const endpoint = await openMetricsEndpoint(system.system.core.settings, createMetrics());
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
