import { MINUTE, SECOND } from '../platform/runtime/clock.ts';

/** The most that a client may take of the server. Times are in milliseconds. */
export type ServerLimits = {
  readonly headerBytes: number;
  readonly headers: number;
  /** To send the headers, and on a new connection to begin at all. */
  readonly headersTime: number;
  /** To send the whole request. */
  readonly requestTime: number;
  readonly keepAliveTime: number;
  /** A client that takes no answers may hold what was made for it only so long. */
  readonly silenceTime: number;
  /** To agree on keys. */
  readonly handshakeTime: number;
  /** How often connections are looked at. */
  readonly checkInterval: number;
  /** For the requests under way when the server ends. */
  readonly graceTime: number;
};

export const SERVER_LIMITS: ServerLimits = {
  headerBytes: 16 * 1024,
  headers: 100,
  headersTime: 15 * SECOND,
  requestTime: 30 * SECOND,
  // Longer than the minute for which most proxies keep a connection, so that none is closed as it is used again.
  keepAliveTime: 65 * SECOND,
  silenceTime: 2 * MINUTE,
  handshakeTime: 10 * SECOND,
  checkInterval: 5 * SECOND,
  graceTime: 10 * SECOND,
};
