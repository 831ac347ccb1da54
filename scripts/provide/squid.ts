import {
  type PrivateServer,
  privateFile,
  privateFolder,
  startServer,
  unprivileged,
} from './private-server.ts';
import { toolPath } from './system-packages.ts';

/**
 * Starts a private instance of Squid.
 * @param configuration returns its rules; it gets a function that writes another file and returns its path
 */
export async function startSquid(
  configuration: (write: (name: string, text: string) => string) => string,
): Promise<Omit<PrivateServer, 'url'>> {
  const command = toolPath({ name: 'Squid', command: 'squid', folders: ['/usr/sbin'], package: 'squid' });
  const runAs = unprivileged();
  const folder = privateFolder('squid', runAs);
  const write = (name: string, text: string) => privateFile(folder, name, text, runAs);
  const own = [
    'cache deny all',
    'access_log none',
    'pid_filename none',
    'pinger_enable off',
    `coredump_dir ${folder}`,
  ];
  const quick = ['shutdown_lifetime 1 second', `cache_log ${folder}/cache.log`];
  const file = write('squid.conf', [configuration(write), ...own, ...quick, ''].join('\n'));
  // In the foreground, with its log in the output.
  const args = ['-N', '-d', '1', '-f', file];
  return startServer({ command, args, runAs, folder, readiness: 'Accepting HTTP Socket connections' });
}
