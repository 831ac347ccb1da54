import { Counter, type Registry } from 'prom-client';
import type { Event, Observer, RegistrationRefusal, SignInRefusal } from '../../../auth/events.ts';

// Every outcome stands in the text from the start, at 0: what is not there cannot be compared with anything.
const SIGN_IN_OUTCOMES: Readonly<Record<'signed-in' | SignInRefusal, 0>> = {
  'signed-in': 0,
  'unknown-account': 0,
  'wrong-credential': 0,
  'wrong-code': 0,
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

/** The events that count for more than their type. */
type Told = 'signed-in' | 'sign-in-refused' | 'registered' | 'registration-refused' | 'throttled';

// A new type does not compile until it stands here or below.
const PLAIN: Readonly<Record<Exclude<Event['type'], Told>, null>> = {
  'signed-out': null,
  'session-ended': null,
  'other-sessions-ended': null,
  'session-stolen': null,
  'identity-confirmed': null,
  'identity-not-confirmed': null,
  'password-changed': null,
  'sign-in-link-requested': null,
  'sign-in-link-refused': null,
  'password-reset-requested': null,
  'password-reset-refused': null,
  'password-reset-link-created': null,
  'password-reset': null,
  'sign-in-disowned': null,
  'password-disabled': null,
  'mail-sent': null,
  'mail-delayed': null,
  'mail-failed': null,
  'sign-in-waits': null,
  'breach-check-failed': null,
  'invitation-created': null,
  'invitation-revoked': null,
  'invitation-spent': null,
  'address-confirmed': null,
  'address-not-confirmed': null,
  'address-change-requested': null,
  'address-changed': null,
  'address-change-undone': null,
  'provider-failed': null,
  'identity-linked': null,
  'identity-unlinked': null,
  'session-ended-by-provider': null,
  'account-disabled': null,
  'account-enabled': null,
  'account-deletion-requested': null,
  'account-deletion-cancelled': null,
  'account-deleted': null,
  'signed-out-everywhere': null,
  'data-exported': null,
  'request-refused': null,
};

/** What an event counts for besides its type. */
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
    default:
      return PLAIN[event.type];
  }
}

function counterOf(registry: Registry) {
  return <Label extends string>(name: string, help: string, label: Label) =>
    new Counter({ name, help, labelNames: [label], registers: [registry] });
}
