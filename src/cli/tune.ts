import {
  createMeasure,
  describeShortage,
  FLOOR,
  formatParameters,
  planHashing,
  tuneParameters,
} from '../features/passwords/index.ts';
import { type Command, UsageError } from '../platform/command-line/index.ts';
import { readResources } from '../platform/runtime/index.ts';

export const tune: Command = {
  name: 'tune',
  summary: 'Measure this machine and name the strongest PASSWORD_HASH that it can afford.',
  options: {
    under: {
      type: 'string',
      default: '100',
      explanation:
        'What one sign-in may take, in milliseconds, with as many others as this machine computes at once (100).',
    },
  },
  run: async ({ under }) => {
    const limit = Number(under);
    if (!(limit > 0)) throw new UsageError('--under takes a number of milliseconds, such as --under 100');
    const resources = readResources();
    const { measure, close } = createMeasure();
    const { strongest, measurements } = await tuneParameters(limit, measure).finally(close);
    const capacityOf = ({ parameters, milliseconds }: (typeof measurements)[number]) => {
      const { threads, memory } = planHashing(parameters, resources);
      return {
        threads,
        memoryMebibytes: memory,
        signInsPerSecond: Math.round((threads * 1000) / milliseconds),
      };
    };
    const table = measurements.map((measurement) => {
      const { parameters, milliseconds } = measurement;
      const { threads, memoryMebibytes, signInsPerSecond } = capacityOf(measurement);
      const time = `${milliseconds.toFixed(1).padStart(8)} ms`;
      const rate = `${signInsPerSecond} sign-ins per second`;
      return `${formatParameters(parameters).padEnd(22)}${time}  ${rate} on ${threads} threads, ${memoryMebibytes} MiB`;
    });
    const allowed = { cores: resources.cores, memoryMebibytes: planHashing(FLOOR, resources).allowed };
    const machine = `This process may use ${count(allowed.cores, 'core')} and ${allowed.memoryMebibytes} MiB.`;
    const shortage = describeShortage(planHashing(strongest?.parameters ?? FLOOR, resources));
    const advice =
      strongest === null
        ? [`Even the floor, ${formatParameters(FLOOR)}, takes longer than ${limit} ms here. Keep the floor.`]
        : [
            `The strongest under ${limit} ms (it takes ${strongest.milliseconds.toFixed(1)} ms):`,
            `PASSWORD_HASH=${formatParameters(strongest.parameters)}`,
          ];
    const withCapacity = measurements.map((one) => ({ ...one, ...capacityOf(one) }));
    const json = { strongest, measurements: withCapacity, allowed, shortage };
    const warning = shortage === null ? [] : [`Too little memory: ${shortage}.`];
    return { json, text: [machine, '', ...table, '', ...advice, ...warning] };
  },
};

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
