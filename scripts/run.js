// Runs a script of the project: node scripts/run.js scripts/test.ts --quick
import { launch } from './launch.js';

const [script, ...args] = process.argv.slice(2);
await launch(script, args);
