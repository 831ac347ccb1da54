import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isPrivateAddress, parseIpAddress } from '../web/ip-address.ts';
import { isLoopbackHost } from '../web/own-host.ts';

/** A mail server, and how it is spoken to. */
export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  /**
   * `implicit` from the first byte on, `starttls` before anything is said; `none` to this machine alone. `if-offered`: by
   * STARTTLS where the server has it, for a catcher of mail in development.
   */
  readonly encryption: 'implicit' | 'starttls' | 'none' | 'if-offered';
  readonly login: { readonly user: string; readonly password: string } | null;
  /** The certificate of the authority to trust, in PEM; null for those that Node.js trusts. */
  readonly authority: string | null;
};

export type SmtpReading =
  | { readonly valid: true; readonly server: SmtpServer }
  | { readonly valid: false; readonly problem: string };

const WANTED =
  'give smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465, with special characters percent-encoded';

// RFC 6409 §3.1, RFC 8314 §3.3
const SUBMISSION_PORT = 587;
const IMPLICIT_TLS_PORT = 465;

/**
 * Reads an `SMTP_URL`. To any machine but this one nothing is said without TLS, and its certificate is verified; there
 * is no parameter that says otherwise.
 */
export function readSmtpUrl(text: string): SmtpReading {
  const url = URL.parse(text.trim());
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    return problem(`is not the URL of a mail server; ${WANTED}`);
  if (!/^\/?$/.test(url.pathname) || url.hash !== '')
    return problem(`has more than a server in it; ${WANTED}`);
  const strange = [...url.searchParams.keys()].find((name) => name !== 'ca');
  if (strange !== undefined)
    return problem(`has the parameter ${JSON.stringify(strange)}; the one there is, is ca=FILE`);
  const user = decoded(url.username);
  const password = decoded(url.password);
  if (user === null || password === null) return problem(`is not percent-encoded as it should be; ${WANTED}`);
  if ((user === '') !== (password === ''))
    return problem(`needs a user and a password, or neither; ${WANTED}`);
  const authority = authorityIn(url.searchParams.get('ca'));
  if (authority.problem !== null) return problem(authority.problem);
  return { valid: true, server: serverAt(url, user === '' ? null : { user, password }, authority.text) };
}

/**
 * The same in development: a catcher of mail such as Mailpit runs in a container beside, under a name of the private
 * network, and speaks no TLS. Where a password would be sent, or an authority is named, TLS is required as elsewhere.
 * @param isLoopback whether the site itself is reached on this machine alone
 */
export function inDevelopment(server: SmtpServer, isLoopback: boolean): SmtpServer {
  const isOpen = isLoopback && server.encryption === 'starttls' && server.login === null;
  return isOpen && server.authority === null && isPrivateHost(server.host)
    ? { ...server, encryption: 'if-offered' }
    : server;
}

// A name without a dot, or under one that no public DNS answers (RFC 6762, RFC 8375, ICANN's `internal`).
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
  // On this machine nobody is between the two. Whoever names an authority has a certificate to be verified all the same.
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
  return { valid: false, problem: text };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

type Authority =
  | { readonly problem: string; readonly text: null }
  | { readonly problem: null; readonly text: string | null };

function authorityIn(file: string | null): Authority {
  if (file === null) return { problem: null, text: null };
  try {
    const text = readFileSync(file, 'utf8');
    new X509Certificate(text);
    return { problem: null, text };
  } catch {
    return {
      problem: 'names with ca= a file that is not there or holds no certificate; give the path of one in PEM',
      text: null,
    };
  }
}
