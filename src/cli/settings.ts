import type { Command } from '../platform/command-line/index.ts';
import { effectiveSettings } from '../read-settings.ts';
import { configuredPool, environment } from './configuration.ts';

const BY_POOL = { value: null, meaning: 'the database is that of database.pool' } as const;

export const settings: Command = {
  name: 'settings',
  summary: 'Show the value of every setting, with secrets masked.',
  run: async () => {
    const all = effectiveSettings(environment(), process.cwd()).map((setting) =>
      setting.name === 'DATABASE_URL' && configuredPool() !== undefined
        ? { ...setting, ...BY_POOL }
        : setting,
    );
    const width = Math.max(...all.map(({ name }) => name.length));
    const text = all.map(({ name, value, meaning, isDefault }) => {
      const shown = value ?? (meaning === null ? 'unset' : `unset (${meaning})`);
      return `${name.padEnd(width)}  ${shown}${isDefault && value !== null ? '  (default)' : ''}`;
    });
    return { json: all, text };
  },
};
