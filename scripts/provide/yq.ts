import { toolPath } from './system-packages.ts';

/** The path of yq, which reads YAML as JSON. @throws {Error} saying how to install it */
export function yqPath(): string {
  return toolPath({ name: 'yq', command: 'yq', folders: ['/usr/bin'], package: 'yq' });
}
