import { Counter, type Registry } from 'prom-client';
import type { Event, Observer, RegistrationRefusal, SignInRefusal } from '../events.ts';

// Every outcome stands in the text from the start, at 0: what is not there cannot be compared with anything.
const SIGN_IN_OUTCOMES: Readonly<Record<'signed-in' | SignInRefusal, 0>> = {
  'signed-in': 0,
  'unknown-account': 0,
  'wrong-credential': 0,
  'credential-changed': 0,
  'account-unusable': 0,
  'password-too-long': 0,
  'pepper-lost': 0,
  'password-disabled': 0,
};

const REGISTRATION_OUTCOMES: Readonly<Record<'registered' | RegistrationRefusal, 0>> = {
  registered: 0,
  'invalid-fields': 0,
  'username-taken': 0,
  'email-taken': 0,
  closed: 0,
  'not-invited': 0,
  'invitation-gone': 0,
  robot: 0,
};

/** Counts every event by its type, and some by what came of it. */
export function countEvents(registry: Registry): Observer {
  const count = counterOf(registry);
  const events = count('latchkey_events_total', 'Events, as the log tells them.', 'type');
  const signIns = count('latchkey_sign_ins_total', 'Sign-ins by what came of them.', 'outcome');
  const registrations = count(
    'latchkey_registrations_total',
    'Registrations by what came of them.',
    'outcome',
  );
  const throttled = count(
    'latchkey_throttled_total',
    'Attempts refused by a limit, by its policy.',
    'policy',
  );
  for (const outcome of Object.keys(SIGN_IN_OUTCOMES)) signIns.inc({ outcome }, 0);
  for (const outcome of Object.keys(REGISTRATION_OUTCOMES)) registrations.inc({ outcome }, 0);
  return (event) => {
    events.inc({ type: event.type });
    const outcome = outcomeOf(event);
    if (outcome === null) return;
    if ('signIn' in outcome) signIns.inc({ outcome: outcome.signIn });
    else if ('registration' in outcome) registrations.inc({ outcome: outcome.registration });
    else throttled.inc({ policy: outcome.policy });
  };
}

type Outcome =
  | null
  | { readonly signIn: keyof typeof SIGN_IN_OUTCOMES }
  | { readonly registration: keyof typeof REGISTRATION_OUTCOMES }
  | { readonly policy: string };

/** What an event counts for besides its type. A new type does not compile until it stands here. */
function outcomeOf(event: Event): Outcome {
  switch (event.type) {
    case 'signed-in':
      return { signIn: 'signed-in' };
    case 'sign-in-refused':
      return { signIn: event.reason };
    case 'registered':
      return { registration: 'registered' };
    case 'registration-refused':
      return { registration: event.reason };
    case 'throttled':
      return { policy: event.policy };
    case 'signed-out':
    case 'session-ended':
    case 'other-sessions-ended':
    case 'session-stolen':
    case 'identity-confirmed':
    case 'identity-not-confirmed':
    case 'password-changed':
    case 'password-reset-requested':
    case 'password-reset-refused':
    case 'password-reset-link-created':
    case 'password-reset':
    case 'sign-in-disowned':
    case 'password-disabled':
    case 'mail-sent':
    case 'mail-delayed':
    case 'mail-failed':
    case 'sign-in-waits':
    case 'breach-check-failed':
    case 'invitation-created':
    case 'invitation-revoked':
    case 'invitation-spent':
    case 'address-confirmed':
    case 'address-not-confirmed':
    case 'provider-failed':
    case 'identity-linked':
    case 'identity-unlinked':
    case 'account-disabled':
    case 'account-enabled':
    case 'account-deletion-requested':
    case 'account-deletion-cancelled':
    case 'account-deleted':
    case 'signed-out-everywhere':
    case 'data-exported':
    case 'request-refused':
      return null;
  }
}

function counterOf(registry: Registry) {
  return <Label extends string>(name: string, help: string, label: Label) =>
    new Counter({ name, help, labelNames: [label], registers: [registry] });
}
