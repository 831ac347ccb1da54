import { domainToASCII } from 'node:url';

/** An email address: where mail goes, and the key by which it is unique. */
export type EmailAddress = { readonly address: string; readonly key: string };

/**
 * Why an address cannot be used. `dots` and `quoted` name addresses that exist: some providers gave out the former, and
 * RFC 5321 allows the latter, but most mail servers deliver to neither.
 */
export type EmailRefusal = 'not-an-address' | 'too-long' | 'dots' | 'quoted' | 'characters' | 'domain';

export type EmailReading =
  | ({ readonly ok: true } & EmailAddress)
  | { readonly ok: false; readonly reason: EmailRefusal };

// RFC 5321 §4.5.3.1
const LONGEST_LOCAL_PART = 64;
const LONGEST_ADDRESS = 254;

/** More is refused before anything is done with it (A33). */
const MOST_TYPED_UNITS = 1_024;

// RFC 5322 §3.2.3, dot-atom. Quoted parts, comments, routes and groups are what parsers disagree about (A32).
const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const IN_DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u;

/**
 * Reads exactly one address. The local part is ASCII, as typed; an international domain goes to its ASCII form,
 * so that two spellings of one domain are one address. The key is in lower case: in practice no two users
 * share a mailbox name that differs by case, and an attacker must not be one of them (A31).
 */
export function parseEmailAddress(typed: string): EmailReading {
  if (typed.length > MOST_TYPED_UNITS) return { ok: false, reason: 'too-long' };
  const trimmed = typed.trim();
  if (trimmed.length > LONGEST_ADDRESS) return { ok: false, reason: 'too-long' };
  const separator = trimmed.indexOf('@');
  const localPart = trimmed.slice(0, Math.max(separator, 0));
  const domain = canonicalDomain(trimmed.slice(separator + 1));
  if (!LOCAL_PART.test(localPart) || domain === null) return { ok: false, reason: reasonFor(trimmed) };
  const address = `${localPart}@${domain}`;
  if (localPart.length > LONGEST_LOCAL_PART || address.length > LONGEST_ADDRESS)
    return { ok: false, reason: 'too-long' };
  return { ok: true, address, key: address.toLowerCase() };
}

/** Why a text is no address, from the most specific reason to the most general. */
function reasonFor(typed: string): EmailRefusal {
  if (typed.startsWith('"') && /"@[^@]+$/.test(typed)) return 'quoted';
  const [, localPart, domain] = /^([^\s@,;<>]+)@([^\s@,;<>]+)$/.exec(typed) ?? [];
  if (localPart === undefined || domain === undefined) return 'not-an-address';
  if (LOCAL_PART.test(localPart)) return 'domain';
  return LOCAL_PART.test(localPart.replace(/\.+/g, '')) ? 'dots' : 'characters';
}

/** Whether a text is exactly one address as this module writes it, so that there is nothing left to parse. */
export function isStoredAddress(text: string): boolean {
  const reading = parseEmailAddress(text);
  return reading.ok && reading.address === text;
}

const DOTS_DO_NOT_COUNT: readonly string[] = ['gmail.com', 'googlemail.com'];

/**
 * The key under which mails to one mailbox are counted. An address with `+tag` leads to the same mailbox, and so does one
 * with other dots at Gmail, although they are different addresses. @param address as it is stored
 */
export function mailboxKey(address: string): string {
  const separator = address.lastIndexOf('@');
  const domain = address.slice(separator + 1).toLowerCase();
  const [mailbox = ''] = address.slice(0, separator).toLowerCase().split('+');
  return `${DOTS_DO_NOT_COUNT.includes(domain) ? mailbox.replaceAll('.', '') : mailbox}@${domain}`;
}

/** The key under which an address would be found, or null for what is no address. */
export function emailKey(typed: string): string | null {
  const reading = parseEmailAddress(typed);
  return reading.ok ? reading.key : null;
}

function canonicalDomain(typed: string): string | null {
  // domainToASCII drops and maps characters that no legitimate address has, so they are refused before it.
  if (!typed.isWellFormed() || !IN_DOMAIN.test(typed)) return null;
  const domain = domainToASCII(typed);
  const labels = domain.split('.');
  const isName = labels.length >= 2 && labels.every((label) => LABEL.test(label));
  // A last label of digits would make it an IP address, which mail is not sent to here.
  return isName && !/^\d+$/.test(labels.at(-1) ?? '') ? domain : null;
}
