import { programPath } from './system-packages.ts';

/** Where systemd's judge of unit files is; it needs no running systemd. @throws {Error} saying how to get it */
export function systemdAnalyzePath(): string {
  return programPath({
    name: 'systemd-analyze',
    program: 'systemd-analyze',
    folders: ['/usr/bin'],
    package: 'systemd',
  });
}
