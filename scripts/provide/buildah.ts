import { toolPath } from './system-packages.ts';

/** The path of buildah, which builds images without an engine. @throws {Error} saying how to install it */
export function buildahPath(): string {
  return toolPath({ name: 'buildah', command: 'buildah', folders: ['/usr/bin'], package: 'buildah' });
}
