import { toolPath } from './system-packages.ts';

/** The path of oathtool, an independent implementation of TOTP. @throws {Error} saying how to install it */
export function oathtoolPath(): string {
  return toolPath({ name: 'oathtool', command: 'oathtool', folders: ['/usr/bin'], package: 'oathtool' });
}
