import { z } from 'zod';
import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount, aboutSession } from '../../auth/events.ts';
import { defineTokens } from '../../auth/one-time-tokens/token-definition.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, recipientName, text } from '../../platform/mail/index.ts';
import type { RouteBounds, TableBounds } from '../../platform/rate-limit/index.ts';
import { defineLimits } from '../../platform/rate-limit/index.ts';
import { MINUTE } from '../../platform/runtime/index.ts';
import { defineFlashes, defineFlowCookies } from '../../platform/web/index.ts';
import { federatedLoginIds } from './federated-login-id.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

/** The name of the sign-in method. */
export const EXTERNAL = 'external';

/** Authorization requests, and pending registrations, whose cookie keeps its name for updates without downtime. */
export const cookies = defineFlowCookies({
  provider: { max: 5, purpose: 'An authorization request at an identity provider.' },
  federated: { max: 5, purpose: 'A new user of an identity provider who has not registered yet.' },
});

export const tokens = defineTokens({
  'connected-registration': {
    lifetime: 20 * MINUTE,
    meaning: 'Create one account for an identity that a provider has proven, in the same browser.',
    // A new user of a provider, who has no account yet.
    data: z.object({
      provider: z.string(),
      issuer: z.string(),
      subject: z.string(),
      handle: z.string().nullable(),
      /** The id of the federated login; the name is part of stored data. */
      federatedLoginId: federatedLoginIds.schema,
      /** The proposed username. */
      name: z.string().nullable(),
      email: z.string().nullable(),
      /** Whether the provider is trusted to have verified the address. */
      isEmailTrusted: z.boolean(),
      /** The handle of the user's invitation; the empty text without one. */
      invitation: z.string(),
    }),
  },
});

/**
 * Why no user was let in. `expired`: the user took too long. `other-browser`: begun in another one. `other-session`: begun
 * in a session that has ended. `unknown-state`: not begun here, or finished. `cancelled`: by the user at the provider.
 * `refused`: by the provider. `unavailable`: no response. `invalid`: the response proves nothing. `clock`: the clocks
 * differ. `not-admitted`: the settings exclude the user. `not-evaluated`: the response does not say whether they do.
 * `unknown`: no account has the identity, and none is created for it.
 */
const failureReason = z.enum([
  'expired',
  'other-browser',
  'other-session',
  'unknown-state',
  'cancelled',
  'refused',
  'unavailable',
  'invalid',
  'clock',
  'not-admitted',
  'not-evaluated',
  'unknown',
]);
export type ProviderFailure = z.infer<typeof failureReason>;

const aboutIdentity = aboutAccount.extend({ provider: z.string() });

export const events = defineEvents(eventWords, {
  /** A sign-in at a provider failed; `code` says more to the operator. */
  providerFailed: {
    data: z.object({
      provider: z.string(),
      reason: failureReason,
      code: z.string().nullable(),
      /** The words of the provider, or of any client in its name. */
      providerSaid: z.string().optional(),
      clockAheadSeconds: z.number().optional(),
      claimNames: z.array(z.string()).readonly().optional(),
    }),
    outcome: 'failure',
    // A failing provider keeps users out, and only the log says why.
    isWarning: ({ reason }) => reason !== 'cancelled',
    logOnly: ['providerSaid', 'clockAheadSeconds', 'claimNames'],
  },
  /** A user signed in, and details of the profile could not be read; `code` says why. */
  providerIncomplete: {
    data: z.object({ provider: z.string(), code: z.string() }),
    outcome: 'failure',
    isWarning: () => true,
  },
  /** A user signed out here and could not be led to the provider to sign out there; `code` says why. */
  providerSignOutFailed: {
    data: z.object({ provider: z.string(), code: z.string() }),
    outcome: 'failure',
    isWarning: () => true,
  },
  identityLinked: { data: aboutIdentity, outcome: 'success', isChange: true },
  identityUnlinked: { data: aboutIdentity, outcome: 'success', isChange: true },
  /** By the provider's logout token. */
  sessionEndedByProvider: {
    data: aboutSession.extend({ provider: z.string() }),
    outcome: 'success',
    isChange: true,
  },
});

export const emails = defineEmails(emailWords, {
  credentialChanged: {
    name: 'credential-changed',
    sent: {
      when: 'a provider is connected or disconnected',
      says: 'a connection was added or removed',
      link: 'where to manage the account',
    },
    data: { username: recipientName, page: link, credential: text, change: text },
    content: ({ credentialChanged: words }, { siteName, page, credential, change }) => ({
      subject: words.subject(siteName, credential, change),
      lead: [words.lead(siteName, credential, change)],
      advice: [words.advice],
      help: { label: words.help, address: page },
    }),
  },
});

export const changes = defineCredentialChanges({
  providerConnected: {
    name: 'identity provider connected',
    otherSessions: 'stay',
    // The session has changed how the account can be entered.
    ownSession: 'new token',
    voids: [],
    knownDevices: 'keep',
    linkedIdentities: 'add-one',
    notifies: [emails.credentialChanged],
    event: events.identityLinked,
  },
  providerDisconnected: {
    name: 'identity provider disconnected',
    otherSessions: 'end',
    ownSession: 'new token',
    voids: 'password-change',
    knownDevices: 'forget-others',
    linkedIdentities: 'remove-one',
    notifies: [emails.credentialChanged],
    event: events.identityUnlinked,
  },
});

export const flashes = defineFlashes(flashWords, {
  providerExpired: 'notice',
  providerTooLate: 'notice',
  providerOtherBrowser: 'notice',
  providerOtherSession: 'notice',
  providerUnknownState: 'notice',
  providerClock: 'notice',
  providerNotEvaluated: 'notice',
  signedOutHereOnly: 'notice',
  providerCancelled: 'notice',
  providerFailed: 'notice',
  providerUnavailable: 'notice',
  providerRefused: 'notice',
  providerUnknown: 'notice',
  connected: 'success',
  connectedAlready: 'notice',
  connectedAgain: 'success',
  connectedElsewhere: 'notice',
  connectedTooMany: 'notice',
  disconnected: 'success',
  disconnectedAlready: 'notice',
  lastSignInMethod: 'notice',
  confirmAddressFirst: 'notice',
  confirmedByOther: 'notice',
});

/** Limits on what clients and identity providers send. Each federated login that begins stores a row. */
export const limits = defineLimits({
  'provider-sign-ins': {
    counts: 'federated logins begun from one IPv4 address or IPv6 /64',
    rule: { max: 300, window: 15 * MINUTE },
  },
  'wrong-logout-tokens': {
    counts: 'invalid logout tokens from one address',
    rule: { max: 30, window: 15 * MINUTE },
  },
  'unrequested-responses': {
    counts: 'responses from one address that belong to no federated login; further ones are not logged',
    rule: { max: 30, window: 15 * MINUTE },
  },
  'logout-tokens': {
    counts: 'uses of one logout token',
    rule: { max: 1, window: 10 * MINUTE },
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /register/connected'],
    costs: 'an account, a mail',
    bound: 'as `POST /register`; needs a federated login (`provider-sign-ins`)',
  },
  {
    routes: ['POST /oauth/:provider', 'POST /account/connections', 'POST /account/confirm/:provider'],
    costs: 'a row, requests to the provider, a mail',
    bound: '`provider-sign-ins`',
  },
  {
    routes: ['POST /oauth/:provider/backchannel-logout'],
    costs: 'a signature',
    bound: '`wrong-logout-tokens`, `logout-tokens`',
  },
  {
    routes: ['GET /oauth/:provider/callback', 'POST /oauth/:provider/callback'],
    costs: 'requests to the provider',
    bound: 'one for each start; others cost a look-up and, up to `unrequested-responses`, an audit record',
  },
];

/** For docs/limits.md. */
export const tables = {
  external_identities: {
    createdBy: 'connecting a provider',
    perClient: '`provider-sign-ins`',
    perOwner: '20 identities',
    deleted: 'when it is disconnected, and with the account',
  },
  external_sign_ins: {
    createdBy: 'a federated login',
    perClient: '`provider-sign-ins`',
    perOwner: 'as its sessions',
    deleted: 'with the session',
  },
  external_tokens: {
    createdBy: 'connecting a provider with kept tokens',
    perClient: 'as `external_identities`',
    perOwner: 'one for each identity',
    deleted: 'with the identity',
  },
  external_transactions: {
    createdBy: 'starting a federated login',
    perClient: '`provider-sign-ins`: 300 in 15 minutes',
    perOwner: 'as the client',
    deleted: 'when it is used; after 10 minutes',
  },
} satisfies Readonly<Record<string, TableBounds>>;
