import {
  createMeasure,
  FLOOR,
  formatParameters,
  type Measurement,
  tuneParameters,
} from '../features/passwords/index.ts';
import { type Command, jsonOption, UsageError } from './command.ts';

export const tune: Command = {
  name: 'tune',
  summary: 'Measure this machine and name the strongest PASSWORD_HASH that it can afford.',
  options: {
    under: {
      type: 'string',
      default: '100',
      explanation: 'What one sign-in may take, in milliseconds, with all cores busy (100).',
    },
    json: jsonOption,
  },
  run: async ({ under, json }) => {
    const limit = Number(under);
    if (!(limit > 0)) throw new UsageError('--under takes a number of milliseconds, such as --under 100');
    const { measure, close } = createMeasure();
    const result = await tuneParameters(limit, measure).finally(close);
    if (json === true) console.log(JSON.stringify(result));
    else print(limit, result.measurements, result.strongest);
  },
};

function print(limit: number, measurements: readonly Measurement[], strongest: Measurement | null): void {
  for (const { parameters, milliseconds } of measurements) {
    console.log(`${formatParameters(parameters).padEnd(22)}${milliseconds.toFixed(1).padStart(8)} ms`);
  }
  if (strongest === null) {
    console.log(
      `\nEven the floor, ${formatParameters(FLOOR)}, takes longer than ${limit} ms here. Keep the floor.`,
    );
    return;
  }
  const { parameters, milliseconds } = strongest;
  console.log(`\nThe strongest under ${limit} ms (it takes ${milliseconds.toFixed(1)} ms):`);
  console.log(`PASSWORD_HASH=${formatParameters(parameters)}`);
}
