import assert from 'node:assert/strict';
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { threadsFor } from '../../src/features/passwords/hashing/thread-count.ts';
import { everySetting, settingDefinitions, settingsFromEnvironment } from '../../src/read-settings.ts';
import { readDocument } from '../kit/documents.ts';
import { startSystem } from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';

/**
 * Kubernetes and Traefik cannot be run here, so this test only compares the values in the files with the code: settings,
 * ports, paths and limits. Whether the files are well-formed: `deployment-tools.test.ts`. nginx, HAProxy, Caddy and
 * systemd run their files: `proxies.test.ts`, `systemd.test.ts`. The Dockerfile is built in `packaging/image.test.ts`.
 */
const TRIED_ELSEWHERE = [
  'deploy/caddy/Caddyfile',
  'deploy/nginx/latchkey.conf',
  'deploy/prometheus/alerts.yaml',
];

const SECRETS = {
  SECRET_KEY: 'Sq8v2Z-5nK0w7Yt3bLr9cXf1hJd6mGp4AeUiOyTQkWs',
  DATABASE_URL: 'postgres://latchkey:secret@database/latchkey',
};

type Deployment = {
  readonly file: string;
  readonly environment: (text: string) => Readonly<Record<string, string>>;
  /** The address that the proxy connects from. */
  readonly proxy: string | null;
};

const DEPLOYMENTS: readonly Deployment[] = [
  {
    file: 'deploy/compose.yaml',
    environment: (text) => {
      const [, service = ''] = /^ {2}latchkey:\n((?: {4}.*\n)+)/m.exec(text) ?? [];
      const [, variables = ''] = /^ {4}environment:\n((?: {6}.*\n)+)/m.exec(service) ?? [];
      return pairs(variables, /^ {6}(\w+): (.+)$/gm);
    },
    proxy: '172.18.0.3',
  },
  {
    file: 'deploy/kubernetes/latchkey.yaml',
    environment: (text) => ({ ...SECRETS, ...pairs(text, /\{ name: ([A-Z_]+), value: "?([^"]+?)"? \}/g) }),
    proxy: '10.42.0.7',
  },
  {
    file: 'deploy/systemd/latchkey.service',
    environment: (text) => pairs(assignments(text), /(\w+)=(\S+)/g),
    proxy: '127.0.0.1',
  },
  {
    file: 'deploy/systemd/tls.conf',
    environment: (text) => {
      const all = pairs(assignments(readDocument('deploy/systemd/latchkey.service') + text), /(\w+)=(\S+)/g);
      const [, unset = ''] = /^UnsetEnvironment=(.+)$/m.exec(text) ?? [];
      return Object.fromEntries(Object.entries(all).filter(([name]) => !unset.split(' ').includes(name)));
    },
    proxy: null,
  },
  ...['caddy/Caddyfile', 'haproxy/haproxy.cfg', 'nginx/latchkey.conf', 'traefik/latchkey.yaml'].map(
    (path) => ({
      file: `deploy/${path}`,
      environment: (text: string) => ({
        ...SECRETS,
        ...pairs(/^# {3}(BASE_URL=.*)$/m.exec(text)?.[1] ?? '', /(\w+)=(\S+)/g),
      }),
      proxy: '127.0.0.1',
    }),
  ),
];

function assignments(unit: string): string {
  return [...unit.matchAll(/^Environment=(.*)$/gm)].map(([, words]) => words).join('\n');
}

function pairs(text: string, pattern: RegExp): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(pattern)].map(([, name = '', value = '']) => [name, value]));
}

/** Gives every secret file a content, and every variable of the shell a value. */
function complete(environment: Readonly<Record<string, string>>, folder: string): NodeJS.ProcessEnv {
  const secrets: Readonly<Record<string, string>> = SECRETS;
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => {
      const secret = secrets[name.replace(/_FILE$/, '')];
      if (!name.endsWith('_FILE') || secret === undefined)
        return [name, value.replace(/\$\{LATCHKEY_DOMAIN[^}]*\}/, 'login.example.org')];
      const file = join(folder, name);
      writeFileSync(file, secret);
      return [name, file];
    }),
  );
}

describe('the files under deploy', () => {
  it('are each checked by a test', () => {
    const root = join(import.meta.dirname, '../..');
    const files = globSync('deploy/**/*', { cwd: root, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('secrets'))
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
    const tried = [
      ...DEPLOYMENTS.map(({ file }) => file),
      ...TRIED_ELSEWHERE,
      'deploy/Dockerfile',
      'deploy/prometheus/prometheus.yaml',
    ];
    assert.deepEqual(files.sort(), [...new Set(tried)].sort());
  });

  for (const { file, environment, proxy } of DEPLOYMENTS) {
    it(`start Latchkey with settings that exist and fit: ${file}`, () => {
      using folder = temporaryFolder();
      const given = environment(readDocument(file));
      const known = new Set(everySetting.map(({ name }) => name));
      const unknown = Object.keys(given).filter(
        (name) => name !== 'NODE_ENV' && !known.has(name.replace(/_FILE$/, '')),
      );
      assert.deepEqual(unknown, []);
      const settings = settingsFromEnvironment(complete(given, folder.path), folder.path);
      assert.equal(settings.baseUrl.origin, 'https://login.example.org');
      assert.equal(settings.trustedProxies?.(proxy ?? '') ?? null, proxy === null ? null : true);
    });
  }

  it('I17: let no client hide its address, by the setting or by a proxy that removes the other header', () => {
    for (const { file, environment, proxy } of DEPLOYMENTS.filter(
      (deployment) => deployment.proxy !== null,
    )) {
      const text = readDocument(file);
      const isSet = environment(text)['FORWARDED_HEADER'] === 'x-forwarded-for';
      assert.ok(
        isSet || /-Forwarded$|Forwarded ""|Forwarded: ""|del-header Forwarded$/m.test(text),
        `${file} ${proxy}`,
      );
    }
  });

  it('name the ports that Latchkey listens on', () => {
    const port = settingDefinitions.port.fallback;
    assert.match(readDocument('deploy/Dockerfile'), new RegExp(`^EXPOSE ${port}$`, 'm'));
    assert.match(readDocument('deploy/compose.yaml'), new RegExp(`UPSTREAM: latchkey:${port}$`, 'm'));
    assert.match(
      readDocument('deploy/kubernetes/latchkey.yaml'),
      new RegExp(`name: http, containerPort: ${port} `),
    );
    for (const path of [
      'caddy/Caddyfile',
      'haproxy/haproxy.cfg',
      'nginx/latchkey.conf',
      'traefik/latchkey.yaml',
    ])
      assert.match(readDocument(`deploy/${path}`), new RegExp(`127\\.0\\.0\\.1:${port}\\b`), path);
    const [, metricsPort] =
      /targets: \["127\.0\.0\.1:(\d+)"\]/.exec(readDocument('deploy/prometheus/prometheus.yaml')) ?? [];
    assert.match(readDocument('docs/metrics.md'), new RegExp(`METRICS_PORT=${metricsPort}\\b`));
  });

  it('P64: run a container as an unprivileged user, whose health is asked by its own settings', () => {
    const text = readDocument('deploy/Dockerfile');
    assert.match(text, /^USER node$/m);
    // What it does with them: src/cli/healthy.test.ts.
    assert.match(text, /^HEALTHCHECK .*CMD \["latchkey", "healthy"\]$/m);
  });

  it('P65: give a container the memory that its hashing threads take on any number of cores', () => {
    const limits = ['kubernetes/latchkey.yaml', 'compose.yaml'].map(
      (path) => /limits: \{ memory: (\d+)Mi? \}/.exec(readDocument(`deploy/${path}`))?.[1],
    );
    assert.equal(new Set(limits).size, 1, 'both give the same');
    const memory = Number(limits[0]) * 1024 * 1024;
    const cost = { memoryKibibytes: 19_456, passes: 4, lanes: 1 };
    assert.equal(threadsFor(cost, { cores: 2, memory: Number.POSITIVE_INFINITY }), 2);
    assert.equal(threadsFor(cost, { cores: 2, memory }), 2);
    const threads = threadsFor(cost, { cores: 64, memory });
    assert.ok(threads >= 8 && threads <= 11, `${threads}`);
    assert.equal(threadsFor(cost, { cores: 64, memory: 100 * 1024 * 1024 }), 1);
  });

  it('check health at paths that respond under any host name', async () => {
    await using system = await startSystem({ baseUrl: 'https://login.example.org' });
    const asked = ['kubernetes/latchkey.yaml', 'traefik/latchkey.yaml', 'Dockerfile'].flatMap((path) => [
      ...readDocument(`deploy/${path}`).matchAll(/\/(?:healthz|readyz)\b/g),
    ]);
    assert.ok(asked.length >= 4);
    for (const [path] of asked)
      assert.equal((await system.fetch(new Request(`http://10.42.0.9:3000${path}`))).status, 200, path);
  });
});
