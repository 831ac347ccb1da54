import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { freePort } from './free-port.ts';
import { startMariadb } from './mariadb.ts';
import type { PrivateServer } from './private-server.ts';
import { toolPath } from './system-packages.ts';

const LIBRARY_FOLDERS = ['/usr/lib/galera', '/usr/lib64/galera-4', '/usr/lib/galera-4'];
const NODES = 3;

/** A Galera cluster of MariaDB, as one server: its URL leads each connection to the next node. */
export type Cluster = {
  readonly url: string;
  readonly nodes: readonly PrivateServer[];
  readonly stop: () => Promise<void>;
};

/**
 * Starts three nodes on this machine. A node that does not answer is left by the others within seconds.
 * @throws {Error} saying how to install it
 */
export async function startGalera(): Promise<Cluster> {
  const wanted = {
    name: 'Galera',
    command: 'libgalera_smm.so',
    folders: LIBRARY_FOLDERS,
    package: 'galera-4',
  };
  const library = toolPath(wanted);
  toolPath({ name: 'rsync', command: 'rsync', folders: ['/usr/bin'], package: 'rsync' });
  const ports: number[] = [];
  for (let node = 0; node < NODES; node += 1) ports.push(await freePort());
  const addresses = ports.map((port) => `127.0.0.1:${port}`).join(',');
  const nodes: PrivateServer[] = [];
  // One after the other: the first one is the cluster, and one node at a time gets its data.
  for (const port of ports)
    nodes.push(await startNode({ library, port, addresses, isFirst: nodes.length === 0 }));
  const balancer = await startBalancer(nodes.map(({ url }) => Number(new URL(url).port)));
  const [first] = nodes;
  if (first === undefined) throw new Error('a cluster has nodes');
  const url = new URL(first.url);
  url.port = `${balancer.port}`;
  return {
    url: url.href,
    nodes,
    stop: async () => {
      balancer.stop();
      // All at once: a node that is the last one would wait for the others.
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

type Node = {
  readonly library: string;
  readonly port: number;
  readonly addresses: string;
  readonly isFirst: boolean;
};

async function startNode({ library, port, addresses, isFirst }: Node): Promise<PrivateServer> {
  const provider = {
    'gmcast.listen_addr': `tcp://127.0.0.1:${port}`,
    'ist.recv_addr': `127.0.0.1:${await freePort()}`,
    'gcache.size': '32M',
    // A node without an answer for so long is left out.
    'evs.suspect_timeout': 'PT3S',
    'evs.inactive_timeout': 'PT6S',
    'evs.inactive_check_period': 'PT0.5S',
  };
  const options = Object.entries(provider).map(([name, value]) => `${name}=${value}`);
  const settings = {
    'wsrep-on': 'ON',
    'wsrep-provider': library,
    'wsrep-provider-options': options.join(';'),
    'wsrep-cluster-name': `latchkey-${process.pid}`,
    'wsrep-cluster-address': `gcomm://${addresses}`,
    'wsrep-node-name': `node-${port}`,
    'wsrep-node-address': `127.0.0.1:${port}`,
    'wsrep-sst-method': 'rsync',
    'wsrep-sst-receive-address': `127.0.0.1:${await freePort()}`,
    'wsrep-slave-threads': '2',
    'binlog-format': 'ROW',
    'innodb-autoinc-lock-mode': '2',
  };
  return startMariadb({
    cluster: {
      arguments: Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
      firstArguments: isFirst ? ['--wsrep-new-cluster'] : [],
      isJoining: !isFirst,
    },
  });
}

/** Leads each connection to the next node, and to another one where that does not accept it. */
async function startBalancer(ports: readonly number[]) {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    client.on('error', () => client.destroy());
    const attempt = (left: number) => {
      const upstream = connect(ports[connections++ % ports.length] ?? 0, '127.0.0.1');
      upstream.once('error', () => (left > 1 ? attempt(left - 1) : client.destroy()));
      upstream.once('connect', () => {
        for (const socket of [client, upstream]) open.add(socket);
        upstream.removeAllListeners('error').on('error', () => client.destroy());
        client.pipe(upstream).pipe(client);
        client.once('close', () => {
          upstream.destroy();
          for (const socket of [client, upstream]) open.delete(socket);
        });
        upstream.once('close', () => client.destroy());
      });
    };
    attempt(ports.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
