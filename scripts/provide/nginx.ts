import {
  type PrivateServer,
  privateFile,
  privateFolder,
  startServer,
  unprivileged,
} from './private-server.ts';
import { toolPath } from './system-packages.ts';

/** The path of nginx. @throws {Error} saying how to install it */
export function nginxPath(): string {
  return toolPath({ name: 'nginx', command: 'nginx', folders: ['/usr/sbin'], package: 'nginx' });
}

/** Starts a private instance of nginx on a port, which passes each request to the next of the nodes on these ports. */
export async function startNginx(port: number, nodes: readonly number[]): Promise<PrivateServer> {
  const server = await startNginxWith(() => balancing(port, nodes));
  return { ...server, url: `http://localhost:${port}` };
}

/**
 * Starts a private instance of nginx.
 * @param site returns the content of its `http` block; it gets a function that writes another file and returns its path
 */
export async function startNginxWith(
  site: (write: (name: string, text: string) => string) => string,
): Promise<Omit<PrivateServer, 'url'>> {
  const runAs = unprivileged();
  const folder = privateFolder('nginx', runAs);
  const write = (name: string, text: string) => privateFile(folder, name, text, runAs);
  const configuration = write('nginx.conf', settings(folder, site(write)));
  const args = ['-e', 'stderr', '-p', folder, '-c', configuration];
  return startServer({ command: nginxPath(), args, runAs, folder, readiness: 'start worker process' });
}

function settings(folder: string, site: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
error_log stderr notice;
pid ${folder}/nginx.pid;
worker_processes 1;
events { worker_connections 1024; }
http {
  # As in the configurations that systems ship: a server without a log of its own is logged here, in whole.
  access_log ${folder}/http.log;
  ${temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  ${site}
}
`;
}

/**
 * A node that does not respond is left out for a second. A request that may have been processed is not sent again: the
 * default of `proxy_next_upstream` retries only idempotent requests and those that reached no node.
 */
function balancing(port: number, nodes: readonly number[]): string {
  return `upstream nodes {
    ${nodes.map((node) => `server 127.0.0.1:${node} max_fails=1 fail_timeout=1s;`).join(' ')}
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://nodes;
      # A node that is killed is noticed at once; on a busy machine one may take long.
      proxy_read_timeout 300s;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
    }
  }`;
}
