import { z } from 'zod';
import { refuse } from '../../../platform/settings/index.ts';

/** Argon2id's cost: memory in KiB, passes, lanes. */
export type HashParameters = {
  readonly memoryKibibytes: number;
  readonly passes: number;
  readonly lanes: number;
};

/** OWASP Password Storage cheat sheet: the least that Argon2id may cost. */
export const FLOOR: HashParameters = { memoryKibibytes: 19_456, passes: 2, lanes: 1 };

const CEILING: HashParameters = { memoryKibibytes: 1_048_576, passes: 50, lanes: 16 };
const SHAPE = /^m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})$/;

/** Parameters as text, in the order of the PHC string format: `m=19456,t=4,p=1`. */
export const hashParameters: z.ZodType<HashParameters, string> = z.string().transform((text, context) => {
  const parameters = parseParameters(text.trim());
  if (parameters !== null && isWithin(parameters)) return parameters;
  const bounds = `at least ${formatParameters(FLOOR)} and at most ${formatParameters(CEILING)}`;
  return refuse(context, `is not fitting; give m=KiB,t=passes,p=lanes, ${bounds}`);
});

export function formatParameters({ memoryKibibytes, passes, lanes }: HashParameters): string {
  return `m=${memoryKibibytes},t=${passes},p=${lanes}`;
}

/** The parameters that a stored hash was made with; null when it is not Argon2id in PHC format. */
export function storedParameters(phc: string): HashParameters | null {
  const match = /^\$argon2id\$v=19\$([^$]+?)(?:,keyid=[A-Za-z0-9+/]{1,11})?\$/.exec(phc);
  return match?.[1] === undefined ? null : parseParameters(match[1]);
}

/** Whether a stored hash is weaker in any respect than the current parameters, so that it should be replaced. */
export function isWeaker(stored: HashParameters, wanted: HashParameters): boolean {
  return (
    stored.memoryKibibytes < wanted.memoryKibibytes ||
    stored.passes < wanted.passes ||
    stored.lanes < wanted.lanes
  );
}

/** How many passes over today's memory a stored hash did not cost, so that both take about the same time. */
export function missingPasses(stored: HashParameters | null, wanted: HashParameters): number {
  if (stored === null) return wanted.passes;
  const work = ({ memoryKibibytes, passes }: HashParameters) => memoryKibibytes * passes;
  return Math.max(0, Math.round((work(wanted) - work(stored)) / wanted.memoryKibibytes));
}

function parseParameters(text: string): HashParameters | null {
  const match = SHAPE.exec(text);
  if (match === null) return null;
  return { memoryKibibytes: Number(match[1]), passes: Number(match[2]), lanes: Number(match[3]) };
}

function isWithin(parameters: HashParameters): boolean {
  return !isWeaker(parameters, FLOOR) && !isWeaker(CEILING, parameters);
}
