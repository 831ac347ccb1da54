import { type ClientNetwork, clientNetwork } from '../../platform/rate-limit/client-network.ts';
import type { Line, Turn } from '../../platform/runtime/limits.ts';
import type { RequestContext, SignedInContext } from '../../platform/web/context.ts';
import { accountNameKey } from '../identifiers/account-name.ts';
import type { PolicyName } from './policies.ts';

/** What an attempt is counted as, under one policy. */
export type Counted = {
  readonly policy: PolicyName;
  /** Whose attempts these are. */
  readonly subject: string;
  /** Counted only when it is the first under that other policy of this attempt. */
  readonly whenFirstOf?: PolicyName;
};

/** Who tries to be whom. */
export type Claim = {
  /** Null for a name that is nobody's. */
  readonly accountId: string | null;
  /** As it was typed. */
  readonly name: string;
  /**
   * Whether what was given is what everybody tries first. Whoever tries few passwords at many accounts, each from an
   * address of its own, shows by nothing else.
   */
  readonly isCommonPassword: boolean;
};

/**
 * Somebody claims to be one of the people here: from a browser that this account knows, or from any other.
 * @param device what `Devices.known` says of the browser, here and below
 */
export function claimOf(
  device: string | null,
  context: RequestContext,
  { accountId, name, isCommonPassword }: Claim,
): readonly Counted[] {
  if (device !== null) return [{ policy: 'device', subject: device }];
  const whom = accountOrName(accountId, name);
  const from = clientNetwork(context.address);
  return [
    { policy: 'account', subject: whom },
    ...(from === null ? [] : fromAddress(from, whom)),
    { policy: 'site', subject: '' },
    ...(isCommonPassword ? [{ policy: 'common-passwords' as const, subject: '' }] : []),
  ];
}

function fromAddress({ address, network }: ClientNetwork, whom: string): readonly Counted[] {
  return [
    { policy: 'account-and-address', subject: `${whom} ${address}` },
    { policy: 'address', subject: address },
    ...(network === null ? [] : [{ policy: 'network' as const, subject: network }]),
    { policy: 'names', subject: address, whenFirstOf: 'account-and-address' },
  ];
}

/**
 * Right passwords for one account from one address, at sign-in. Each costs a hash and leaves records behind. Only who knows
 * the password can use these up, and another password begins at zero: an attacker who knows the old one does not shut out
 * an owner who has reset it.
 * @param version of the password; null without one
 */
export function rightPasswordFrom(
  context: RequestContext,
  { accountId, name }: Pick<Claim, 'accountId' | 'name'>,
  version: number | null,
): Counted {
  const from = clientNetwork(context.address);
  const password = `${accountOrName(accountId, name)} ${version ?? ''}`;
  return { policy: 'right-passwords', subject: `${password} ${from?.address ?? ''}` };
}

/** The same of a user who is signed in, whatever password the account has: also who changes it again and again has a limit. */
function rightPasswordOf(context: SignedInContext): Counted {
  const from = clientNetwork(context.address);
  const { id } = context.signedIn.user;
  return { policy: 'right-passwords', subject: `signed in ${id} ${from?.address ?? ''}` };
}

/**
 * Sign-ins with one password of an account, from all addresses. A browser that the account knows has a budget of its own:
 * an attacker who knows the password cannot use that up (A07).
 */
export function signInTo(device: string | null, accountId: string, version: number): readonly Counted[] {
  const whose = device === null ? `${accountId} ${version}` : `device ${device} ${version}`;
  return [{ policy: 'sign-ins-of-account', subject: whose }];
}

/** Whose turn a hash for this claim is. A browser that the account knows waits in a line of its own (A07). */
export function claimTurn(
  device: string | null,
  context: RequestContext,
  { accountId, name }: Pick<Claim, 'accountId' | 'name'>,
): Turn {
  const line = device === null ? 'everybody' : 'known';
  return { line, client: widestNetwork(context), owner: accountOrName(accountId, name) };
}

/** Whose turn a hash for one account is. */
export function accountTurn(
  accountId: string | null,
  line: Line = 'everybody',
  context: RequestContext | null = null,
): Turn {
  const client = context === null ? null : widestNetwork(context);
  return { line, client, owner: accountId === null ? null : accountOrName(accountId, '') };
}

/** Whose turn a hash for a client without an account is. */
export function clientTurn(context: RequestContext): Turn {
  const from = clientNetwork(context.address);
  const owner = from === null ? null : `client ${from.address}`;
  return { line: 'everybody', client: widestNetwork(context), owner };
}

/** The same, while the site has been tried too often: instead of that, each address is paced. */
export function paced(counted: readonly Counted[], context: RequestContext): readonly Counted[] {
  const from = clientNetwork(context.address);
  const others = counted.filter(({ policy }) => policy !== 'site');
  return from === null ? others : [...others, { policy: 'pace', subject: from.address }];
}

/** What was counted against one account alone, from this browser and from any other. */
export function ownFailuresOf(
  device: string | null,
  context: RequestContext,
  accountId: string,
): readonly Counted[] {
  const from = clientNetwork(context.address);
  const whom = `account ${accountId}`;
  return [
    { policy: 'account', subject: whom },
    ...(from === null
      ? []
      : [{ policy: 'account-and-address' as const, subject: `${whom} ${from.address}` }]),
    ...(device === null ? [] : [{ policy: 'device' as const, subject: device }]),
  ];
}

/** Somebody who is signed in proves it again. */
export function renewedProofOf(context: SignedInContext): readonly Counted[] {
  const { session } = context.signedIn;
  return [{ policy: 'session', subject: session.id }, rightPasswordOf(context)];
}

/** The user who is signed in is about to have a hash made, on the word of a fresh session alone. */
export function ownHashFrom(context: SignedInContext): readonly Counted[] {
  return [rightPasswordOf(context)];
}

/** Somebody makes an account, and may learn that a name is taken. */
export function registrationFrom(context: RequestContext): readonly Counted[] {
  const from = clientNetwork(context.address);
  if (from === null) return [];
  return [
    { policy: 'registrations', subject: from.address },
    { policy: 'taken-names', subject: from.address },
    ...(from.network === null ? [] : [{ policy: 'taken-names-of-network' as const, subject: from.network }]),
  ];
}

/** Somebody has a mail sent to the address of an account. */
export function mailTo(accountId: string, context: RequestContext): readonly Counted[] {
  return [{ policy: 'mails-to-account', subject: accountId }, ...askedFrom('mails-from-address', context)];
}

/** A mail into a mailbox whose owner may not have wanted it, by whatever way. */
export function unprovenMailsInto(mailbox: string, context: RequestContext): readonly Counted[] {
  const all = { policy: 'mails-to-unproven-mailbox', subject: mailbox } as const;
  const from = widestNetwork(context);
  return from === null
    ? [all]
    : [all, { policy: 'mails-to-unproven-address', subject: `${mailbox} ${from}` }];
}

/** Such a mail that the user asks for whose account has the address. @param isPlain whether the address is the mailbox itself */
export function ownMailsInto(mailbox: string, isPlain: boolean): Counted {
  return { policy: 'mails-to-own-unproven-address', subject: isPlain ? mailbox : `tags of ${mailbox}` };
}

/**
 * A mail to an address because a client registers with it. What one client does keeps no other from registering; the owner
 * of a confirmed address gets the same few, whichever clients ask.
 */
export function registrationMailTo(key: string, isConfirmed: boolean, context: RequestContext): Counted {
  const from = isConfirmed ? null : widestNetwork(context);
  return { policy: 'registration-mails', subject: from === null ? key : `${key} ${from}` };
}

/** An IPv4 address, or the /48 of an IPv6 one: within it one client has many addresses. */
function widestNetwork(context: RequestContext): string | null {
  const from = clientNetwork(context.address);
  return from === null ? null : (from.network ?? from.address);
}

/** How often somebody may ask for a mail who is not signed in, and how often one account gets it. */
export type AskingPolicy = 'resets-from-address' | 'links-from-address';
export type SendingPolicy = 'resets-of-account' | 'links-of-account';

/**
 * Somebody does what is counted by where they are: they ask for a mail with which to choose a new password or to sign in,
 * or for the way to another site, which leaves a row behind, type a code in a browser that may be a made-up one, or say in
 * the name of another site that somebody has left.
 */
export function askedFrom(
  policy:
    | AskingPolicy
    | 'mails-from-address'
    | 'provider-sign-ins'
    | 'sign-in-codes-from-address'
    | 'wrong-logout-tokens',
  context: RequestContext,
): readonly Counted[] {
  const from = clientNetwork(context.address);
  return from === null ? [] : [{ policy, subject: from.address }];
}

/**
 * Such a mail is about to be written, or would be, if the name were somebody's. A browser that the account knows has a
 * budget of its own, which strangers cannot use up (A07).
 */
export function mailOf(
  policy: SendingPolicy,
  device: string | null,
  { accountId, name }: Pick<Claim, 'accountId' | 'name'>,
): readonly Counted[] {
  return [{ policy, subject: device === null ? accountOrName(accountId, name) : `device ${device}` }];
}

function accountOrName(accountId: string | null, name: string): string {
  return accountId === null ? `name ${canonicalName(name)}` : `account ${accountId}`;
}

// Spellings that would be one account's name are one name, too, when there is no such account (A05).
function canonicalName(name: string): string {
  const found = accountNameKey(name);
  return found === null ? name.trim().toLowerCase() : `${found.kind} ${found.key}`;
}
