// Runs one of the project's programs: node scripts/run.js scripts/test.ts --quick
import { launch } from './launch.js';

const [program, ...words] = process.argv.slice(2);
await launch(program, words);
