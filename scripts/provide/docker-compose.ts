import { toolPath } from './system-packages.ts';

/** The path of docker-compose, which checks a file without an engine. @throws {Error} saying how to install it */
export function dockerComposePath(): string {
  return toolPath({
    name: 'docker-compose',
    command: 'docker-compose',
    folders: ['/usr/bin'],
    package: 'docker-compose',
  });
}
