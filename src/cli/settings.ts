import { effectiveSettings } from '../settings.ts';
import { type Command, jsonOption } from './command.ts';

export const settings: Command = {
  name: 'settings',
  summary: 'Show every setting as it stands, secrets masked.',
  options: { json: jsonOption },
  run: async ({ json }) => {
    const all = effectiveSettings(process.env, process.cwd());
    if (json === true) return console.log(JSON.stringify(all));
    const width = Math.max(...all.map(({ name }) => name.length));
    for (const { name, value, meaning, isDefault } of all) {
      const shown = value ?? (meaning === null ? 'unset' : `unset (${meaning})`);
      console.log(`${name.padEnd(width)}  ${shown}${isDefault && value !== null ? '  (default)' : ''}`);
    }
  },
};
