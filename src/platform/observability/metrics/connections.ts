import { Gauge, type Registry } from 'prom-client';

/** Tells how many connections a server has, by asking whoever counts them. */
export function countConnections(registry: Registry): (count: () => number) => void {
  return (count) => {
    new Gauge({
      name: 'latchkey_connections',
      help: 'Open connections.',
      registers: [registry],
      collect() {
        this.set(count());
      },
    });
  };
}
