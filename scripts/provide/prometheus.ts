import { toolPath } from './system-packages.ts';

/** The path of promtool, which checks files of Prometheus. @throws {Error} saying how to install it */
export function promtoolPath(): string {
  return toolPath({
    name: 'promtool',
    command: 'promtool',
    folders: ['/usr/bin'],
    package: 'prometheus',
  });
}
