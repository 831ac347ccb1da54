import type { Feature } from '../../src/auth/feature.ts';
import { DAY, HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { row, withMarkedPart } from './marked-part.ts';

const MARKS = {
  start: '<!-- one-time tokens: made by `npm run docs` from what the features declare -->',
  end: '<!-- end of one-time tokens -->',
};

/**
 * Puts the table of all one-time tokens between its two markers.
 * @throws {Error} when the markers are not there
 */
export function withTokensTable(document: string, features: readonly Feature[]): string {
  const rows = features.flatMap(({ name, tokens = [] }) =>
    tokens.map((purpose) => row([`\`${purpose.name}\``, purpose.meaning, inWords(purpose.lifetime), name])),
  );
  const head = [
    row(['token', 'what its link allows', 'lifetime', 'feature']),
    row(['---', '---', '---', '---']),
  ];
  return withMarkedPart(document, MARKS, [...head, ...rows].join('\n'));
}

function inWords(lifetime: number): string {
  for (const [unit, word] of [
    [DAY, 'day'],
    [HOUR, 'hour'],
  ] as const) {
    if (lifetime % unit === 0) return `${lifetime / unit} ${lifetime === unit ? word : `${word}s`}`;
  }
  return `${lifetime / MINUTE} minutes`;
}
