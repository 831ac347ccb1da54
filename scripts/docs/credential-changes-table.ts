import type { CredentialChange } from '../../src/auth/credential-change.ts';
import type { Feature } from '../../src/auth/feature.ts';
import { voidedTokens } from '../../src/auth/one-time-tokens/token-definition.ts';
import { tokens } from '../../src/latchkey.ts';
import { row, withMarkedPart } from './marked-part.ts';

const MARKS = {
  start: '<!-- changes of credentials: made by `npm run docs` from what the features declare -->',
  end: '<!-- end of changes of credentials -->',
};

/** Every change that a feature declares. */
export function changesOf(features: readonly Feature[]): readonly CredentialChange[] {
  return features.flatMap(({ changes = {} }) => Object.values(changes));
}

/** The effects of a change that users notice, in the order of the columns in SECURITY.md. */
export type Effects = {
  readonly otherSessions: CredentialChange['otherSessions'];
  readonly ownSession: CredentialChange['ownSession'];
  readonly pendingSignIns: CredentialChange['otherSessions'];
  readonly apiTokens: CredentialChange['otherSessions'];
  readonly voided: readonly string[];
  readonly knownBrowsers: 'all others' | 'all' | 'none';
  readonly identities: 'stay' | 'all go' | 'some go' | 'one more';
  readonly mails: readonly string[];
  readonly events: readonly string[];
};

export function effectsOf(change: CredentialChange): Effects {
  const { otherSessions, ownSession, voids, voidsLater, knownDevices, linkedIdentities } = change;
  return {
    otherSessions,
    ownSession,
    pendingSignIns: otherSessions,
    apiTokens: otherSessions,
    voided: [
      ...(typeof voids === 'string' ? voidedTokens(tokens, voids) : voids.map(({ name }) => name)),
      ...(voidsLater === undefined ? [] : [voidsLater.name]),
    ].toSorted(),
    knownBrowsers: FORGOTTEN_BROWSERS[knownDevices],
    identities: IDENTITIES[linkedIdentities],
    mails: change.notifies.map(({ name }) => name),
    events: [change.event.name],
  };
}

const FORGOTTEN_BROWSERS = {
  keep: 'none',
  'forget-others': 'all others',
  'forget-others-and-remember': 'all others',
  'forget-all': 'all',
} as const;

const IDENTITIES = {
  keep: 'stay',
  'add-one': 'one more',
  'remove-one': 'some go',
  'remove-unselected': 'some go',
  'remove-all': 'all go',
} as const;

/**
 * Writes the table of all changes of credentials between its two markers.
 * @throws {Error} when the markers are missing
 */
export function withCredentialChanges(document: string, features: readonly Feature[]): string {
  const head = [
    'change',
    'other sessions',
    'own session',
    'pending sign-ins',
    'API tokens',
    'links and codes voided',
    'known browsers forgotten',
    'connected identities',
    'mail to the owner',
    'event',
  ];
  const rows = changesOf(features).map((change) => {
    const cells = Object.values(effectsOf(change)).map((cell) =>
      typeof cell === 'string' ? cell : cell.map((name) => `\`${name}\``).join(', ') || 'none',
    );
    return row([change.name, ...cells]);
  });
  return withMarkedPart(document, MARKS, [row(head), row(head.map(() => '---')), ...rows].join('\n'));
}
