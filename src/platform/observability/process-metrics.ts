/** The text of the metrics of the whole process. */
export type ReadProcessMetrics = () => Promise<string>;

/** Measures memory, garbage collection, event loop and the like of the whole process from now on. */
export async function measureProcess(): Promise<ReadProcessMetrics> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return () => registry.metrics();
}
