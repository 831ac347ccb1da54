export {
  type Command,
  CommandError,
  type Family,
  type GivenOptions,
  optionsOf,
  printResult,
  type Result,
  UsageError,
} from './command.ts';
export { hasReader, watchOutput } from './output.ts';
export { createProgress, formatCount, jsonForTerminal, textForTerminal } from './terminal.ts';
