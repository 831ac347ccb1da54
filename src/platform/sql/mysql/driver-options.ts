import type { PoolOptions } from 'mysql2';
import type { Endpoint } from '../connection-string.ts';
import type { PoolLimits } from '../database.ts';
import type { ServerAddress } from '../server-address.ts';
import { tlsOptions } from '../tls-options.ts';

export function driverOptions(
  address: ServerAddress,
  { host, port }: Endpoint,
  limits: PoolLimits,
): PoolOptions {
  const { socketPath, user, password, database, tls, fallbacks } = address;
  return {
    ...(socketPath === undefined ? { host, port } : { socketPath }),
    database,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(tls.mode !== 'off' && { ssl: { ...tlsOptions(tls), verifyIdentity: tls.mode === 'identity' } }),
    charset: 'utf8mb4',
    connectionLimit: limits.connections,
    // The wait for a connection is limited as a whole, and has to reach the last host.
    connectTimeout: Math.ceil(limits.connectTimeout / (1 + fallbacks.length)),
    enableKeepAlive: true,
    // Far more than this program has different statements.
    maxPreparedStatements: 500,
  };
}
