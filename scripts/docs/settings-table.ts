import type { Setting } from '../../src/core/settings/setting.ts';
import { settingDefinitions } from '../../src/settings.ts';

const START = '<!-- settings: made by `npm run docs` from src/settings.ts -->';
const END = '<!-- end of settings -->';

const NOTE =
  'Each of them also works as `NAME_FILE=path`, which reads the value from a file: so Docker and Kubernetes hand over secrets.';

/**
 * Puts the table of all settings between its two markers.
 * @throws {Error} when the markers are not there
 */
export function withSettingsTable(readme: string): string {
  const start = readme.indexOf(START);
  const end = readme.indexOf(END);
  if (start === -1 || end < start) throw new Error(`README.md needs the lines ${START} and ${END}`);
  return `${readme.slice(0, start + START.length)}\n\n${settingsTable()}\n\n${NOTE}\n\n${readme.slice(end)}`;
}

function settingsTable(): string {
  const rows = Object.values<Setting<unknown>>(settingDefinitions).map((definition) =>
    row([`\`${definition.name}\``, definition.meaning, defaultOf(definition)]),
  );
  return [row(['name', 'meaning', 'default']), row(['---', '---', '---']), ...rows].join('\n');
}

function defaultOf({ fallback, fallbackMeaning }: Setting<unknown>): string {
  return fallbackMeaning ?? (fallback === null ? 'none' : `\`${fallback}\``);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
