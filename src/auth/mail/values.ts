import { momentText } from '../../platform/web/pages/time.ts';
import type { MailMessage, MailName, Occasion, PagePath } from './message.ts';
import { mailWords } from './words.ts';

/** What a mail may say of this site. */
export type MailSite = { readonly name: string; readonly origin: string };

/** The placeholders that each mail knows besides `siteName` and `siteAddress`. */
const OCCASION = ['when', 'where'] as const;
const NOTICE = ['username', 'page', ...OCCASION] as const;
const FIELDS = {
  'confirm-address': ['page', 'code', 'expires', ...OCCASION],
  'reset-password': [...NOTICE, 'expires'],
  'address-change-confirm': ['page', 'expires', ...OCCASION],
  'address-wanted': NOTICE,
  'address-change-notice': [...NOTICE, 'expires'],
  'password-changed': [...NOTICE, 'otherWays', 'disconnected'],
  'password-disabled': [...NOTICE, 'expires'],
  'address-changed': NOTICE,
  'signed-in-from-new-device': [...NOTICE, 'expires'],
  'session-ended-after-theft': NOTICE,
  'account-disabled': ['username', ...OCCASION],
  'account-deletion-requested': [...NOTICE, 'deletion'],
  'account-deleted': ['username', ...OCCASION],
  'registration-attempted': [...NOTICE, 'resetPage'],
  'magic-link': [...NOTICE, 'code', 'expires'],
  'identity-code': ['username', 'code', 'expires', ...OCCASION],
  invitation: ['page', 'expires'],
  'credential-changed': [...NOTICE, 'credential', 'change'],
  test: OCCASION,
} as const satisfies Readonly<Record<MailName, readonly string[]>>;

type Field = (typeof FIELDS)[MailName][number] | 'siteName' | 'siteAddress';

/** What a mail is written with, by the names of the placeholders; empty where it is not known, or not of this mail. */
export type MailValues = Readonly<Record<Field, string>>;

const NONE: MailValues = {
  siteName: '',
  siteAddress: '',
  username: '',
  page: '',
  resetPage: '',
  code: '',
  expires: '',
  deletion: '',
  when: '',
  where: '',
  credential: '',
  change: '',
  otherWays: '',
  disconnected: '',
};

export const mailNames = Object.keys(FIELDS).filter(isMailName);

function isMailName(text: string): text is MailName {
  return Object.hasOwn(FIELDS, text);
}

/** The placeholders that a mail may be written with. */
export function placeholdersOf(name: MailName): readonly string[] {
  return ['siteName', 'siteAddress', ...FIELDS[name]];
}

/**
 * The values of a mail as text on one line each, so that nothing that a person chose begins a line of its own (A43).
 * @throws {TypeError} when a page is not of this site (A28)
 */
export function valuesOf(message: MailMessage, site: MailSite): MailValues {
  return {
    ...NONE,
    siteName: line(site.name),
    siteAddress: site.origin,
    ...('username' in message && message.username !== null && { username: line(message.username) }),
    ...('page' in message && { page: linkTo(message.page, site) }),
    ...('resetPage' in message && { resetPage: linkTo(message.resetPage, site) }),
    ...('code' in message && { code: line(message.code) }),
    ...('expiresAt' in message && { expires: momentText(message.expiresAt) }),
    ...('deleteAt' in message && { deletion: momentText(message.deleteAt) }),
    ...('occasion' in message && occasionValues(message.occasion)),
    ...('credential' in message && credentialValues(message)),
    ...('otherWays' in message && { otherWays: listOf(message.otherWays) }),
    ...('disconnected' in message && { disconnected: listOf(message.disconnected) }),
  };
}

function credentialValues({ credential, label, change }: MailMessage & { name: 'credential-changed' }) {
  return {
    credential: mailWords.credential(credential, label === null ? null : line(label)),
    change: mailWords.changes[change],
  };
}

function listOf(labels: readonly string[]): string {
  return mailWords.list(labels.map(line));
}

function occasionValues({ at, browser, place, address }: Occasion) {
  const parts = [
    browser,
    place === null ? null : mailWords.place(place),
    address === null ? null : mailWords.address(address),
  ];
  return {
    when: momentText(at),
    where: parts.flatMap((part) => (part === null ? [] : [line(part)])).join(', '),
  };
}

function linkTo(page: PagePath, { origin }: MailSite): string {
  const link = new URL(page, origin);
  if (link.origin !== origin) throw new TypeError('a mail leads to pages of this site alone');
  return link.href;
}

const LONGEST = 200;

// Control characters, marks that turn the direction of what follows, and separators of lines.
function line(text: string): string {
  const flat = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u202A-\u202E\u2066-\u2069]/gu, '')
    .trim();
  return flat.length <= LONGEST ? flat : `${flat.slice(0, LONGEST - 1)}…`;
}
