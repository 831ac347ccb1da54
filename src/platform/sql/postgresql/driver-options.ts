import type { PoolConfig } from 'pg';
import type { Endpoint } from '../connection-string.ts';
import type { PoolLimits } from '../database.ts';
import type { ServerAddress } from '../server-address.ts';
import { tlsOptions } from '../tls-options.ts';

/** @param isTimedHere whether the driver alone ends a statement that takes too long */
export function driverOptions(
  address: ServerAddress,
  { host, port }: Endpoint,
  limits: PoolLimits,
  isTimedHere: boolean,
): PoolConfig {
  const { socketPath, user, password, database, tls, serverOptions, applicationName } = address;
  const isBound = tls.mode !== 'off' && tls.channelBinding !== undefined;
  return {
    host: socketPath ?? host,
    port,
    database,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    // Always set: otherwise the driver reads PGSSLMODE.
    ssl: tls.mode !== 'off' && {
      ...tlsOptions(tls),
      ...(tls.mode === 'authority' && { checkServerIdentity }),
    },
    ...(isBound && { enableChannelBinding: true }),
    ...(tls.mode !== 'off' && tls.startsWithTls && { sslnegotiation: 'direct' }),
    application_name: applicationName ?? 'latchkey',
    ...(serverOptions !== undefined && { options: serverOptions }),
    max: limits.connections,
    connectionTimeoutMillis: limits.connectTimeout,
    ...(!isTimedHere && { statement_timeout: limits.statementTimeout }),
    // The server cancels a statement itself; this is for a server that no longer answers.
    query_timeout: limits.statementTimeout + (isTimedHere ? 0 : limits.connectTimeout),
    keepAlive: true,
  };
}

// `verify-ca` accepts the certificate of any host that the authority has signed.
const checkServerIdentity = () => undefined;
