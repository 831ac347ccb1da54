import { toolPath } from './system-packages.ts';

/**
 * The path of systemd-analyze, which checks unit files without a running systemd. @throws {Error} saying how to install
 * it
 */
export function systemdAnalyzePath(): string {
  return toolPath({
    name: 'systemd-analyze',
    command: 'systemd-analyze',
    folders: ['/usr/bin'],
    package: 'systemd',
  });
}
