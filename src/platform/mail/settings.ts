import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readPath, resultOrNull } from '../runtime/index.ts';
import {
  expandPath,
  type Fault,
  givenAs,
  optionalSetting,
  refuse,
  type SettingValues,
} from '../settings/index.ts';
import { withoutUserInfo } from '../sql/index.ts';
import { parseEmailAddress } from '../text/index.ts';
import { isLoopbackHost, isPrivateAddress, parseIpAddress } from '../web/index.ts';
import { type MailTemplates, readMailTemplates } from './templates.ts';

export type Sender = { readonly name: string; readonly address: string };

/** RFC 8301 §3.2: verifiers accept shorter keys, but signers should not use them. */
const LEAST_DKIM_BITS = 2_048;

export const mailSettings = {
  smtpUrl: optionalSetting({
    name: 'SMTP_URL',
    neverEmptyInProduction: true,
    meaning:
      'Mail server: `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`. TLS is required except on this machine and, with a loopback `BASE_URL`, for a mail catcher under a private name such as `mailpit:1025`. `?ca=FILE` trusts your own certificate authority.',
    fallbackMeaning: 'none: in development mail is shown at /dev/mailbox, on `https:` there is none',
    secret: true,
    masked: withoutUserInfo,
    schema: givenAs(
      'url',
      z.string().transform((text, context): SmtpServer => {
        const reading = readSmtpUrl(text);
        return reading.ok ? reading.server : refuse(context, reading.problem);
      }),
    ),
  }),
  mailFrom: optionalSetting({
    name: 'MAIL_FROM',
    meaning: 'Sender of all mail: one address, or `Name <address>`. Required with `SMTP_URL`.',
    fallbackMeaning: 'none',
    schema: z.string().transform((text, context): Sender => {
      const wanted = 'give an address such as login@example.org, or Example <login@example.org>';
      return readSender(text) ?? refuse(context, `is not one sender; ${wanted}`);
    }),
  }),
  dkimDomain: optionalSetting({
    name: 'DKIM_DOMAIN',
    meaning: 'Domain that signs each mail (DKIM); only if the mail server does not sign.',
    fallbackMeaning: 'none: mail is not signed',
    schema: domainName('example.org'),
  }),
  dkimSelector: optionalSetting({
    name: 'DKIM_SELECTOR',
    meaning: 'Name of the key in DNS: its record is `SELECTOR._domainkey.DOMAIN`.',
    fallbackMeaning: 'none',
    schema: domainName('mail2026'),
  }),
  dkimPrivateKey: optionalSetting({
    name: 'DKIM_PRIVATE_KEY',
    meaning: 'The private key that signs, RSA of 2,048 bits or more (PEM).',
    fallbackMeaning: 'none',
    secret: true,
    schema: z.string().refine(isDkimKey, {
      message:
        'is not a private RSA key of 2,048 bits or more; give one in PEM, best by DKIM_PRIVATE_KEY_FILE',
    }),
  }),
  mailTemplates: optionalSetting({
    name: 'MAIL_TEMPLATES',
    meaning:
      'Folder with templates that replace the built-in ones: `NAME.subject.txt`, `NAME.txt`, `NAME.html`.',
    fallbackMeaning: 'none',
    schema: z
      .string()
      .transform(expandPath)
      .transform((folder, context): MailTemplates => {
        const wanted = 'give one with files such as password-changed.txt';
        const templates = readMailTemplates(folder);
        return templates ?? refuse(context, `names a folder that cannot be read or is empty; ${wanted}`);
      }),
  }),
};

/** The faults of rules that join several of these settings. */
export function mailFaults(values: Partial<SettingValues<typeof mailSettings>>): Fault[] {
  const { smtpUrl, mailFrom, dkimDomain, dkimSelector, dkimPrivateKey } = values;
  const faults: Fault[] = [];
  if (smtpUrl !== undefined && mailFrom === undefined) {
    const message =
      'is missing, and SMTP_URL is set; give the address that mail is from, such as login@example.org';
    faults.push({ name: 'MAIL_FROM', message });
  }
  const dkim = { DKIM_DOMAIN: dkimDomain, DKIM_SELECTOR: dkimSelector, DKIM_PRIVATE_KEY: dkimPrivateKey };
  const [given] = Object.entries(dkim).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (given === undefined) return faults;
  for (const [name, value] of Object.entries(dkim))
    if (value === undefined)
      faults.push({ name, message: `is missing, and ${given} is set; give all three` });
  if (smtpUrl === undefined)
    faults.push({
      name: given,
      message: 'is set without SMTP_URL, so nothing is signed; give SMTP_URL, too',
    });
  return faults;
}

function readSender(text: string): Sender | null {
  const [, quoted, bare, bracketed] =
    /^\s*(?:(?:"([^"\\<>]*)"|([^"<>@,;:()]*?))\s*<([^<>]+)>)\s*$/.exec(text) ?? [];
  const name = (quoted ?? bare ?? '').trim();
  const reading = parseEmailAddress(bracketed ?? text);
  if (!reading.ok || name.length > 100 || /\p{Cc}/u.test(name)) return null;
  return { name, address: reading.address };
}

function domainName(example: string): z.ZodType<string, string> {
  return z
    .string()
    .transform((text) => text.trim().toLowerCase())
    .refine((text) => text.length <= 253 && /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/.test(text), {
      message: `is not a name of DNS; give one such as ${example}`,
    });
}

function isDkimKey(text: string): boolean {
  const key = resultOrNull(() => createPrivateKey(text));
  return (
    key?.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_DKIM_BITS
  );
}

/** A mail server, and how to connect to it. */
export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  /**
   * `implicit`: from the first byte. `starttls`: before anything else. `none`: to this machine only. `if-offered`: STARTTLS
   * if the server has it, for a mail catcher in development.
   */
  readonly encryption: 'implicit' | 'starttls' | 'none' | 'if-offered';
  readonly login: { readonly user: string; readonly pass: string } | null;
  /** The certificate of the authority to trust, in PEM; null for those that Node.js trusts. */
  readonly authority: string | null;
};

type SmtpReading =
  | { readonly ok: true; readonly server: SmtpServer }
  | { readonly ok: false; readonly problem: string };

const WANTED =
  'give smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465, with special characters percent-encoded';

// RFC 6409 §3.1, RFC 8314 §3.3
const SUBMISSION_PORT = 587;
const IMPLICIT_TLS_PORT = 465;

/**
 * Reads an `SMTP_URL`. A connection to another machine needs TLS with a verified certificate; no parameter changes that.
 */
function readSmtpUrl(text: string): SmtpReading {
  const url = URL.parse(text.trim());
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    return problem(`is not the URL of a mail server; ${WANTED}`);
  if (!/^\/?$/.test(url.pathname) || url.hash !== '')
    return problem(`has more than a server in it; ${WANTED}`);
  const strange = [...url.searchParams.keys()].find((name) => name !== 'ca');
  if (strange !== undefined)
    return problem(`has the parameter ${JSON.stringify(strange)}; the one there is, is ca=FILE`);
  const user = resultOrNull(() => decodeURIComponent(url.username));
  const pass = resultOrNull(() => decodeURIComponent(url.password));
  if (user === null || pass === null) return problem(`is not percent-encoded as it should be; ${WANTED}`);
  if ((user === '') !== (pass === '')) return problem(`needs a user and a password, or neither; ${WANTED}`);
  const authority = authorityIn(url.searchParams.get('ca'));
  if (authority.problem !== null) return problem(authority.problem);
  return { ok: true, server: serverAt(url, user === '' ? null : { user, pass }, authority.text) };
}

/**
 * The same in development: a mail catcher such as Mailpit runs in another container, under a name of the private network,
 * and has no TLS. With a login or an authority, TLS is required as elsewhere.
 * @param isLoopback whether the site can be reached from this machine only
 */
export function inDevelopment(server: SmtpServer, isLoopback: boolean): SmtpServer {
  const isOpen = isLoopback && server.encryption === 'starttls' && server.login === null;
  return isOpen && server.authority === null && isPrivateHost(server.host)
    ? { ...server, encryption: 'if-offered' }
    : server;
}

// A name without a dot, or under a domain that public DNS does not resolve (RFC 6762, RFC 8375, ICANN's `internal`).
const PRIVATE_NAME = /^[a-z0-9_-]+$|\.(?:internal|local|lan|home\.arpa|test)$/i;

function isPrivateHost(host: string): boolean {
  const address = parseIpAddress(host);
  return address === null ? PRIVATE_NAME.test(host) : isPrivateAddress(address);
}

function serverAt(
  { protocol, hostname, port }: URL,
  login: SmtpServer['login'],
  authority: string | null,
): SmtpServer {
  const isImplicit = protocol === 'smtps:';
  // No attacker is between two processes of this machine. An authority is named to have a certificate verified.
  const isPlain = isLoopbackHost(hostname) && authority === null;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isImplicit ? IMPLICIT_TLS_PORT : SUBMISSION_PORT) : Number(port),
    encryption: isImplicit ? 'implicit' : isPlain ? 'none' : 'starttls',
    login,
    authority,
  };
}

function problem(text: string): SmtpReading {
  return { ok: false, problem: text };
}

type Authority =
  | { readonly problem: string; readonly text: null }
  | { readonly problem: null; readonly text: string | null };

function authorityIn(file: string | null): Authority {
  if (file === null) return { problem: null, text: null };
  const reading = readPath(file);
  if (!reading.ok) return { problem: `names with ca= a file that ${reading.problem}`, text: null };
  try {
    const text = readFileSync(reading.path, 'utf8');
    new X509Certificate(text);
    return { problem: null, text };
  } catch {
    return {
      problem: 'names with ca= a file that is not there or holds no certificate; give the path of one in PEM',
      text: null,
    };
  }
}
