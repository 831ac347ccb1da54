import { issuerDefinitions } from '../../src/features/external-sign-in/index.ts';
import type { Setting } from '../../src/platform/settings/setting.ts';
import { settingDefinitions } from '../../src/settings.ts';
import { row, withMarkedPart } from './marked-part.ts';

const MARKS = {
  start: '<!-- settings: made by `npm run docs` from src/settings.ts -->',
  end: '<!-- end of settings -->',
};

const NOTE =
  'Each of them also works as `NAME_FILE=path`, which reads the value from a file: so Docker and Kubernetes hand over secrets.';

/**
 * Puts the table of all settings between its two markers.
 * @throws {Error} when the markers are not there
 */
export function withSettingsTable(readme: string): string {
  return withMarkedPart(readme, MARKS, `${settingsTable()}\n\n${NOTE}`);
}

function settingsTable(): string {
  const all: readonly Setting<unknown>[] = [
    ...Object.values(settingDefinitions),
    ...Object.values(issuerDefinitions('<NAME>')),
  ];
  const rows = all.map((definition) =>
    row([`\`${definition.name}\``, definition.meaning, defaultOf(definition)]),
  );
  return [row(['name', 'meaning', 'default']), row(['---', '---', '---']), ...rows].join('\n');
}

function defaultOf({ fallback, fallbackMeaning }: Setting<unknown>): string {
  return fallbackMeaning ?? (fallback === null ? 'none' : `\`${fallback}\``);
}
