import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount } from '../../auth/events.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineLimits, type RouteBounds, type TableBounds } from '../../platform/rate-limit/index.ts';
import { MINUTE } from '../../platform/runtime/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emails as tokenEmails } from '../api-tokens/index.ts';
import { deviceGrantIds } from './device-grants.ts';
import { eventWords, flashWords } from './words.ts';

const aboutGrant = aboutAccount.extend({ grantId: deviceGrantIds.schema });

export const events = defineEvents(eventWords, {
  /** The user has allowed a device to get an API token, whose own event follows. */
  deviceAllowed: { data: aboutGrant, outcome: 'success', isChange: true },
  deviceDenied: { data: aboutGrant, outcome: 'success' },
  deviceCodeRefused: { data: aboutAccount, outcome: 'failure' },
});

export const changes = defineCredentialChanges({
  deviceAllowed: {
    name: 'device allowed to get an API token',
    otherSessions: 'stay',
    ownSession: 'new token',
    voids: [],
    knownDevices: 'keep',
    linkedIdentities: 'keep',
    notifies: [tokenEmails.apiTokenCreated],
    event: events.deviceAllowed,
  },
});

export const flashes = defineFlashes(flashWords, {
  deviceAllowed: 'success',
  deviceDenied: 'success',
  deviceRequestClosed: 'notice',
});

/** @see RFC 8628 §5.1 and §5.2 */
export const limits = defineLimits({
  'device-requests': {
    counts: 'requests of devices for a code, from one IPv4 address or IPv6 /64',
    rule: { max: 30, window: 10 * MINUTE },
  },
  'wrong-device-codes': {
    counts: 'requests for a token with a device code that does not exist, from one IPv4 address or IPv6 /64',
    rule: { max: 100, window: 10 * MINUTE },
  },
  'wrong-user-codes': {
    counts: 'wrong codes of devices that one account enters',
    rule: { max: 5, window: 10 * MINUTE },
  },
  'wrong-user-codes-from-address': {
    counts: 'the same from one IPv4 address or IPv6 /64, by any account',
    rule: { max: 20, window: 10 * MINUTE },
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  { routes: ['POST /device/code'], costs: 'a row', bound: '`device-requests`' },
  {
    routes: ['POST /device/token'],
    costs: 'a write, a token once',
    bound: '`wrong-device-codes`; a poll every 5 seconds / device code',
  },
  {
    routes: ['POST /device'],
    costs: 'a look-up',
    bound: '`wrong-user-codes`, `wrong-user-codes-from-address`',
  },
  {
    routes: ['POST /device/confirm'],
    costs: 'a mail, a token',
    bound: 'one for each request of a device; needs fresh authentication',
  },
];

/** For docs/limits.md. */
export const tables = {
  device_grants: {
    createdBy: 'a device that asks for a code',
    perClient: '`device-requests`: 30 in 10 minutes',
    perOwner: 'as the client',
    deleted: 'when its token is issued; 15 minutes after it was created',
  },
} satisfies Readonly<Record<string, TableBounds>>;
