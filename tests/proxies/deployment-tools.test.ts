import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { dockerComposePath } from '../../scripts/provide/docker-compose.ts';
import { promtoolPath } from '../../scripts/provide/prometheus.ts';
import { yqPath } from '../../scripts/provide/yq.ts';
import { readDocument } from '../kit/documents.ts';
import { run, runProgram } from '../kit/processes.ts';
import { temporaryFolder } from '../kit/temporary.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The documents of a file in YAML. */
async function documentsIn(path: string): Promise<readonly unknown[]> {
  const text = await run(['--slurp', '.', path], { folder: ROOT, command: yqPath() });
  return z.array(z.unknown()).parse(JSON.parse(text));
}

const named = z.strictObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() });
const app = z.strictObject({ app: z.string() });
const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string(), port: z.string() }),
  periodSeconds: z.number(),
  timeoutSeconds: z.number().optional(),
  failureThreshold: z.number().optional(),
});

/** The parts of the API of Kubernetes that the file uses; a member that no version has is a mistake. */
const deployment = z.strictObject({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('Deployment'),
  metadata: named,
  spec: z.strictObject({
    replicas: z.number(),
    strategy: z.strictObject({
      rollingUpdate: z.strictObject({ maxUnavailable: z.number(), maxSurge: z.number() }),
    }),
    selector: z.strictObject({ matchLabels: app }),
    template: z.strictObject({
      metadata: z.strictObject({ labels: app }),
      spec: z.strictObject({
        automountServiceAccountToken: z.literal(false),
        enableServiceLinks: z.literal(false),
        securityContext: z.strictObject({
          runAsNonRoot: z.literal(true),
          runAsUser: z.number(),
          seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
        }),
        terminationGracePeriodSeconds: z.number(),
        topologySpreadConstraints: z.array(
          z.strictObject({
            maxSkew: z.number(),
            topologyKey: z.string(),
            whenUnsatisfiable: z.enum(['ScheduleAnyway', 'DoNotSchedule']),
            labelSelector: z.strictObject({ matchLabels: app }),
          }),
        ),
        containers: z.tuple([
          z.strictObject({
            name: z.string(),
            image: z.string(),
            ports: z.array(z.strictObject({ name: z.string(), containerPort: z.number() })),
            env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
            envFrom: z.array(z.strictObject({ secretRef: z.strictObject({ name: z.string() }) })),
            securityContext: z.strictObject({
              allowPrivilegeEscalation: z.literal(false),
              readOnlyRootFilesystem: z.literal(true),
              capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
            }),
            resources: z.strictObject({
              requests: z.strictObject({ cpu: z.string(), memory: z.string() }),
              limits: z.strictObject({ memory: z.string() }),
            }),
            readinessProbe: probe,
            livenessProbe: probe,
            lifecycle: z.strictObject({
              preStop: z.strictObject({ sleep: z.strictObject({ seconds: z.number() }) }),
            }),
          }),
        ]),
      }),
    }),
  }),
});
const service = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata: named,
  spec: z.strictObject({
    selector: app,
    ports: z.array(z.strictObject({ name: z.string(), port: z.number(), targetPort: z.string() })),
  }),
});
const budget = z.strictObject({
  apiVersion: z.literal('policy/v1'),
  kind: z.literal('PodDisruptionBudget'),
  metadata: named,
  spec: z.strictObject({ minAvailable: z.number(), selector: z.strictObject({ matchLabels: app }) }),
});
const ingress = z.strictObject({
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('Ingress'),
  metadata: named,
  spec: z.strictObject({
    tls: z.array(z.strictObject({ hosts: z.array(z.string()), secretName: z.string() })),
    rules: z.tuple([
      z.strictObject({
        host: z.string(),
        http: z.strictObject({
          paths: z.tuple([
            z.strictObject({
              path: z.literal('/'),
              pathType: z.enum(['Prefix', 'Exact']),
              backend: z.strictObject({
                service: z.strictObject({ name: z.string(), port: z.strictObject({ name: z.string() }) }),
              }),
            }),
          ]),
        }),
      }),
    ]),
  }),
});

describe('the file for Kubernetes', () => {
  it('has only known members, whose names lead to each other', async () => {
    const documents = await documentsIn('deploy/kubernetes/latchkey.yaml');
    const [pods, inside, minimum, outside] = z.tuple([deployment, service, budget, ingress]).parse(documents);
    const { template, selector, replicas } = pods.spec;
    const labels = template.metadata.labels;
    for (const found of [selector.matchLabels, inside.spec.selector, minimum.spec.selector.matchLabels])
      assert.deepEqual(found, labels);
    const [container] = template.spec.containers;
    const ports = container.ports.map(({ name }) => name);
    const [targets] = inside.spec.ports;
    assert.ok(ports.includes(targets?.targetPort ?? ''));
    for (const { httpGet } of [container.readinessProbe, container.livenessProbe])
      assert.ok(ports.includes(httpGet.port));
    const [rule] = outside.spec.rules;
    const { backend } = rule.http.paths[0];
    assert.deepEqual(
      [backend.service.name, backend.service.port.name],
      [inside.metadata.name, targets?.name],
    );
    assert.deepEqual(outside.spec.tls[0]?.hosts, [rule.host]);
    const baseUrl = container.env.find(({ name }) => name === 'BASE_URL')?.value;
    assert.equal(baseUrl, `https://${rule.host}`);
    assert.ok(minimum.spec.minAvailable < replicas, 'a node can be drained');
    // Open requests have ten seconds when the server shuts down.
    const pause = container.lifecycle.preStop.sleep.seconds;
    assert.ok(pause + 10 < template.spec.terminationGracePeriodSeconds);
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(readDocument('package.json')));
    assert.equal(container.image, `latchkey:${version}`);
  });
});

describe('the Compose file', () => {
  it('is accepted by docker-compose', async () => {
    const compose = (environment: NodeJS.ProcessEnv) =>
      runProgram(['--file', 'deploy/compose.yaml', 'config', '--quiet'], {
        folder: ROOT,
        environment,
        command: dockerComposePath(),
      });
    const { status, stderr } = await compose({ LATCHKEY_DOMAIN: 'login.example.org' });
    assert.deepEqual([status, stderr], [0, '']);
    const unnamed = await compose({ LATCHKEY_DOMAIN: undefined });
    assert.notEqual(unnamed.status, 0);
    assert.match(unnamed.stderr, /set it to the host name of the site/);
  });
});

describe('the files for Prometheus', () => {
  it('are accepted by promtool', async () => {
    const { status, stdout, stderr } = await runProgram(
      ['check', 'config', 'deploy/prometheus/prometheus.yaml'],
      { folder: ROOT, command: promtoolPath() },
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /SUCCESS: \d+ rules found/);
  });

  it('raise an alert where the metrics of a node say so, and none where they do not', async () => {
    using folder = temporaryFolder();
    const rules = join(ROOT, 'deploy/prometheus/alerts.yaml');
    const file = join(folder.path, 'test.yaml');
    const series = (name: string, values: string) => `      - { series: '${name}', values: '${values}' }`;
    const alert = (name: string, minutes: number, isRaised: boolean) =>
      `      - { eval_time: ${minutes}m, alertname: ${name}${isRaised ? '' : ', exp_alerts: []'} }`;
    const text = `rule_files: [${rules}]
tests:
  - interval: 1m
    input_series:
${series('up{job="latchkey",instance="a"}', '1x30')}
${series('latchkey_errors_total{kind="internal",instance="a"}', '0x30')}
${series('latchkey_errors_total{kind="overloaded",instance="a"}', '0x30')}
${series('latchkey_errors_total{kind="database-unavailable",instance="a"}', '0x30')}
    alert_rule_test:
${['LatchkeyAway', 'LatchkeyInternalErrors', 'LatchkeyHashQueueFull', 'LatchkeyDatabaseAway'].map((name) => alert(name, 20, false)).join('\n')}
`;
    writeFileSync(file, text);
    const quiet = await runProgram(['test', 'rules', file], { folder: ROOT, command: promtoolPath() });
    assert.equal(quiet.status, 0, quiet.stdout + quiet.stderr);
    // The same expectation fails where the node is down, errors are counted, and the database is away.
    for (const [from, to] of [
      ['1x30', '1x5 0x25'],
      [
        'kind="internal",instance="a"}\', values: \'0x30',
        'kind="internal",instance="a"}\', values: \'0+1x30',
      ],
      [
        'kind="overloaded",instance="a"}\', values: \'0x30',
        'kind="overloaded",instance="a"}\', values: \'0+60x30',
      ],
      ['unavailable",instance="a"}\', values: \'0x30', 'unavailable",instance="a"}\', values: \'0+1x30'],
    ] as const) {
      const changed = text.replace(from, to);
      assert.notEqual(changed, text);
      writeFileSync(file, changed);
      const raised = await runProgram(['test', 'rules', file], { folder: ROOT, command: promtoolPath() });
      assert.notEqual(raised.status, 0, to);
      assert.match(raised.stdout + raised.stderr, /got:\[/, to);
    }
  });
});

describe('the file for Traefik', () => {
  it('has only members of its dynamic configuration, whose names lead to each other', async () => {
    const router = z.strictObject({
      rule: z.string(),
      entryPoints: z.array(z.string()),
      middlewares: z.array(z.string()),
      service: z.string(),
      tls: z.strictObject({ certResolver: z.string(), options: z.string() }),
    });
    const middleware = z.union([
      z.strictObject({
        headers: z.strictObject({ customRequestHeaders: z.record(z.string(), z.string()) }),
      }),
      z.strictObject({ buffering: z.strictObject({ maxRequestBodyBytes: z.number() }) }),
    ]);
    const balancer = z.strictObject({
      loadBalancer: z.strictObject({
        passHostHeader: z.literal(true),
        healthCheck: z.strictObject({ path: z.string(), interval: z.string(), timeout: z.string() }),
        servers: z.array(z.strictObject({ url: z.url() })),
      }),
    });
    const file = z.strictObject({
      http: z.strictObject({
        routers: z.record(z.string(), router),
        middlewares: z.record(z.string(), middleware),
        services: z.record(z.string(), balancer),
      }),
      tls: z.strictObject({
        options: z.record(
          z.string(),
          z.strictObject({ minVersion: z.literal('VersionTLS12'), sniStrict: z.literal(true) }),
        ),
      }),
    });
    const [found] = z.tuple([file]).parse(await documentsIn('deploy/traefik/latchkey.yaml'));
    for (const { service, middlewares, tls } of Object.values(found.http.routers)) {
      assert.ok(service in found.http.services);
      for (const name of middlewares) assert.ok(name in found.http.middlewares, name);
      assert.ok(tls.options in found.tls.options);
    }
  });
});
