import { type Logger, pino } from 'pino';
import type { Clock } from './clock.ts';
import type { Observer } from './events.ts';

export type Log = Logger;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Where log lines go; tests collect them. */
export type LogDestination = { readonly write: (line: string) => void };

/**
 * JSON lines, one an event. Nothing that a person typed is ever given to it: events carry ids and addresses,
 * errors their kind and stack. JSON escapes line ends, so no value can start a line of its own (A56).
 */
export function createLog(level: LogLevel, clock: Clock, destination?: LogDestination): Log {
  const timestamp = () => `,"time":"${new Date(clock()).toISOString()}"`;
  const options = { level, base: null, timestamp };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** An error as it may be logged: name and stack alone, for its further properties may hold what a person typed. */
export function describeError(error: unknown): { name: string; stack: string | undefined } | string {
  return error instanceof Error ? { name: error.name, stack: error.stack } : typeof error;
}

/** Writes every event as one line. */
export function logObserver(log: Log): Observer {
  return ({ type, ...details }, origin) => log.info({ event: type, ...details, ...origin });
}
