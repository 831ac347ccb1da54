import { type Logger, pino } from 'pino';
import { type Event, isRepetition, type Observer, type Origin } from '../../auth/events.ts';
import type { Clock } from '../runtime/clock.ts';

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
  const formatters = { level: (label: string) => ({ level: label }) };
  const options = { level, base: null, timestamp, formatters };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** An error as it may be logged: its kind and its place. Its message and the rest may hold what a person typed. */
export function describeError(error: unknown): { name: string; code?: string; stack: string } | string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return { name: error.name, ...code, stack: frames.join('\n') };
}

/**
 * Writes every event as one line, but for what was said before; the browser's name, which anybody may make up, stands in
 * the audit record alone.
 */
export function logObserver(log: Log): Observer {
  return (event, origin) => {
    if (isRepetition(event)) return;
    const { type, ...details } = event;
    log[levelOf(event)]({ event: type, ...details, ...placeOf(origin) });
  };
}

/** A provider that fails keeps users out, and nothing but the log says why. */
function levelOf(event: Event): 'info' | 'warn' {
  return event.type === 'provider-failed' && event.reason !== 'cancelled' ? 'warn' : 'info';
}

function placeOf(origin: Origin) {
  return 'work' in origin ? origin : { requestId: origin.requestId, address: origin.address };
}
