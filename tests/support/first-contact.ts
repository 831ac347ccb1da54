/** The account that is here already and has the address, or would have it. */
export const LOCAL_ACCOUNTS = {
  none: 'none has it',
  unverified: 'has it, unconfirmed',
  verified: 'has it, confirmed',
  disabled: 'has it, disabled',
  held: 'has it, with a further step in front of it',
} as const;

/** What the provider says of the address. */
export const PROVIDER_ADDRESSES = {
  absent: 'none',
  unverified: 'not verified',
  verified: 'verified, not trusted',
  trusted: 'verified and trusted',
} as const;

export type LocalAccount = keyof typeof LOCAL_ACCOUNTS;
export type ProviderAddress = keyof typeof PROVIDER_ADDRESSES;

/** What happens the first time that somebody comes from a provider. */
export const OUTCOMES = {
  new: 'a new account; an address may be typed, and is unconfirmed',
  proposed: 'a new account; the address is proposed, and is unconfirmed',
  confirmed: 'a new account; the address is taken as confirmed',
  refused:
    'a new account; the address is proposed, and refused as taken, as anybody’s is who registers with it',
  separate:
    'they are told that an account has the address: they sign in to that one and connect it, or make another without the address',
  connected: 'the provider is connected with the account that is signed in; its address stays as it is',
  'confirm-first': 'nothing is connected before the address of the account is confirmed',
  'sign-in-first': 'nobody can be signed in, so they are sent to sign in',
} as const;

export type FirstOutcome = keyof typeof OUTCOMES;

type Row = Readonly<Record<ProviderAddress, FirstOutcome>>;

/** Every cell of first contact, written out. In none of them is an account entered or connected by an address (A18, A22). */
export const FIRST_CONTACT: Readonly<
  Record<'signed out' | 'signed in', Readonly<Record<LocalAccount, Row>>>
> = {
  'signed out': {
    none: { absent: 'new', unverified: 'proposed', verified: 'proposed', trusted: 'confirmed' },
    unverified: { absent: 'new', unverified: 'refused', verified: 'refused', trusted: 'separate' },
    verified: { absent: 'new', unverified: 'refused', verified: 'refused', trusted: 'separate' },
    disabled: { absent: 'new', unverified: 'refused', verified: 'refused', trusted: 'separate' },
    held: { absent: 'new', unverified: 'refused', verified: 'refused', trusted: 'separate' },
  },
  'signed in': {
    none: { absent: 'connected', unverified: 'connected', verified: 'connected', trusted: 'connected' },
    unverified: {
      absent: 'confirm-first',
      unverified: 'confirm-first',
      verified: 'confirm-first',
      trusted: 'confirm-first',
    },
    verified: { absent: 'connected', unverified: 'connected', verified: 'connected', trusted: 'connected' },
    disabled: {
      absent: 'sign-in-first',
      unverified: 'sign-in-first',
      verified: 'sign-in-first',
      trusted: 'sign-in-first',
    },
    held: { absent: 'connected', unverified: 'connected', verified: 'connected', trusted: 'connected' },
  },
};
