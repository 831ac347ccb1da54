import { createMeasure, FLOOR, formatParameters, tuneParameters } from '../features/passwords/index.ts';
import { type Command, UsageError } from '../platform/command-line/index.ts';

export const tune: Command = {
  name: 'tune',
  summary: 'Measure this machine and name the strongest PASSWORD_HASH that it can afford.',
  options: {
    under: {
      type: 'string',
      default: '100',
      explanation: 'What one sign-in may take, in milliseconds, with all cores busy (100).',
    },
  },
  run: async ({ under }) => {
    const limit = Number(under);
    if (!(limit > 0)) throw new UsageError('--under takes a number of milliseconds, such as --under 100');
    const { measure, close } = createMeasure();
    const result = await tuneParameters(limit, measure).finally(close);
    const { measurements, strongest } = result;
    const table = measurements.map(({ parameters, milliseconds }) => {
      return `${formatParameters(parameters).padEnd(22)}${milliseconds.toFixed(1).padStart(8)} ms`;
    });
    const advice =
      strongest === null
        ? [`Even the floor, ${formatParameters(FLOOR)}, takes longer than ${limit} ms here. Keep the floor.`]
        : [
            `The strongest under ${limit} ms (it takes ${strongest.milliseconds.toFixed(1)} ms):`,
            `PASSWORD_HASH=${formatParameters(strongest.parameters)}`,
          ];
    return { json: result, text: [...table, '', ...advice] };
  },
};
