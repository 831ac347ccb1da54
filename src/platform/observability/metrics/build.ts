import { Gauge, type Registry } from 'prom-client';

/** What runs here. */
export type Build = {
  readonly version: string;
  readonly database: string;
  /** The number of the schema's last step. */
  readonly schema: number;
};

/** A gauge that is always 1, and tells by its labels what runs here; others can be joined with it. */
export function tellBuild(registry: Registry): (build: Build) => void {
  return ({ version, database, schema }) => {
    const labels = { version, node: process.versions.node, database, schema: String(schema) };
    new Gauge({
      name: 'latchkey_build_info',
      help: 'What runs here: always 1.',
      labelNames: Object.keys(labels),
      registers: [registry],
    }).set(labels, 1);
  };
}
