export {
  createLog,
  describeError,
  type Log,
  type LogDestination,
  logObserver,
} from './log.ts';
export { type CountFailure, createMetrics, type Metrics, type WatchRoute } from './metrics.ts';
export { measureProcess } from './process-metrics.ts';
export { addGauge, createCounter, createHistogram, type Registry } from './registry.ts';
