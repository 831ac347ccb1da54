import { writeSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import { type EventObserver, isRepetition, type Origin } from '../events/index.ts';
import { type Clock, resultOrNull } from '../runtime/index.ts';

export type Log = Logger;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Where log lines go; tests collect them. */
export type LogDestination = { readonly write: (line: string) => void };

/**
 * JSON lines, one for each event. Nothing that a user typed is logged: events carry ids and addresses, errors their kind
 * and stack. JSON escapes line ends, so no value can start a line of its own (A56).
 */
export function createLog(level: LogLevel, clock: Clock, destination?: LogDestination): Log {
  const timestamp = () => `,"time":"${new Date(clock()).toISOString()}"`;
  const formatters = { level: (label: string) => ({ level: label }) };
  const options = { level, base: null, timestamp, formatters };
  return pino(options, destination ?? standardOutput());
}

/** In characters. */
const MOST_KEPT = 1024 * 1024;

/**
 * Writes to stdout. A log that cannot be written must not end the service: lines are kept until the disk has room again, up
 * to a limit, and dropped once the reader of a pipe has ended.
 */
function standardOutput(): LogDestination {
  const stream = pino.destination({ fd: process.stdout.fd ?? 1, sync: true, maxLength: MOST_KEPT });
  let isReported = false;
  stream.on('error', (error: Error) => {
    if (isReported) return;
    isReported = true;
    const code = 'code' in error ? error.code : error.name;
    const line = JSON.stringify({
      level: 'error',
      time: new Date().toISOString(),
      event: 'log-not-written',
      code,
    });
    resultOrNull(() => writeSync(process.stderr.fd ?? 2, `${line}\n`));
  });
  return stream;
}

/** An error as it may be logged: its kind and stack. Its message may contain what a user typed. */
export function describeError(error: unknown): { name: string; code?: string; stack: string } | string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return { name: error.name, ...code, stack: frames.join('\n') };
}

/**
 * Logs every event that was not announced before, one line each. The user agent, which a client makes up, is only in the
 * audit log.
 */
export function logObserver(log: Log): EventObserver {
  return ({ name, isWarning }, data, origin) => {
    if (isRepetition(data)) return;
    log[isWarning(data) ? 'warn' : 'info']({ event: name, ...data, ...sourceOf(origin) });
  };
}

function sourceOf(origin: Origin) {
  return 'work' in origin ? origin : { requestId: origin.requestId, address: origin.address };
}
