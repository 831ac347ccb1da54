// The command line in a checkout, which runs its sources.
import { main } from '../src/cli/main.ts';

await main(process.argv.slice(2));
