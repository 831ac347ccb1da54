import { healthPaths } from '../latchkey.ts';
import { type Command, CommandError } from '../platform/command-line/index.ts';
import { SettingsError } from '../platform/settings/index.ts';
import { askHealth } from './ask-health.ts';
import { environment } from './configuration.ts';

export const healthy: Command = {
  name: 'healthy',
  summary: 'Ask the server of these settings whether it is alive; exit status 1 if it is not.',
  options: {
    ready: { type: 'boolean', explanation: 'Ask whether it can serve, which takes its database.' },
  },
  run: async ({ ready }) => {
    const path = ready === true ? healthPaths.ready : healthPaths.alive;
    const health = await askHealth(environment(), process.cwd(), path).catch((error: unknown) => {
      // Docker knows no other statuses than 0 and 1.
      throw error instanceof SettingsError ? new CommandError(error.message) : error;
    });
    if (!health.isHealthy) process.exitCode = 1;
    return { json: health, text: `${health.address}: ${health.answer}` };
  },
};
