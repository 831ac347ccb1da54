import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { paths } from '../../auth/paths.ts';
import { type MailTemplates, readMailTemplates } from '../mail/templates.ts';
import { withoutUserInfo } from '../sql/index.ts';
import { parseEmailAddress } from '../text/email-address.ts';
import type { Fault } from './read.ts';
import { optionalSetting, type SettingValues, setting } from './setting.ts';
import { readSmtpUrl, type SmtpServer } from './smtp-url.ts';
import { oneOf } from './values.ts';

/** Whom mail is from. */
export type Sender = { readonly name: string; readonly address: string };

/** RFC 8301 §3.2: verifiers take shorter keys, and signers should not use them. */
const LEAST_DKIM_BITS = 2_048;

/** How mail goes out. */
export const mailSettings = {
  smtpUrl: optionalSetting({
    name: 'SMTP_URL',
    meaning:
      'Mail server: `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`. TLS is required except on this machine and, with a loopback `BASE_URL`, for a mail catcher under a private name such as `mailpit:1025`. `?ca=FILE` trusts your own certificate authority.',
    fallbackMeaning: `none: in development mail is shown at \`${paths.devMailbox}\`, on \`https:\` there is none`,
    secret: true,
    masked: withoutUserInfo,
    schema: z.string().transform((text, context): SmtpServer => {
      const reading = readSmtpUrl(text);
      if (reading.valid) return reading.server;
      context.addIssue({ code: 'custom', message: reading.problem });
      return z.NEVER;
    }),
  }),
  mailFrom: optionalSetting({
    name: 'MAIL_FROM',
    meaning: 'Sender of all mail: one address, or `Name <address>`. Required with `SMTP_URL`.',
    fallbackMeaning: 'none',
    schema: z.string().transform((text, context): Sender => {
      const sender = readSender(text);
      if (sender !== null) return sender;
      context.addIssue({
        code: 'custom',
        message:
          'is not one sender; give an address such as login@example.org, or Example <login@example.org>',
      });
      return z.NEVER;
    }),
  }),
  magicLink: setting({
    name: 'MAGIC_LINK',
    meaning: 'Whether users can sign in with a mailed link or code instead of a password: `on` or `off`.',
    fallback: 'off',
    schema: oneOf(['on', 'off']),
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
    schema: z.string().refine(isSigningKey, {
      message:
        'is not a private RSA key of 2,048 bits or more; give one in PEM, best by DKIM_PRIVATE_KEY_FILE',
    }),
  }),
  mailTemplates: optionalSetting({
    name: 'MAIL_TEMPLATES',
    meaning:
      'Folder with templates that replace the built-in ones: `NAME.subject.txt`, `NAME.txt`, `NAME.html`.',
    fallbackMeaning: 'none',
    schema: z.string().transform((folder, context): MailTemplates => {
      const reading = readMailTemplates(folder);
      if (reading.valid) return reading.templates;
      context.addIssue({ code: 'custom', message: reading.problem });
      return z.NEVER;
    }),
  }),
};

/** The faults of rules that join several of them. */
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
  if (!reading.valid || name.length > 100 || /\p{Cc}/u.test(name)) return null;
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

function isSigningKey(text: string): boolean {
  try {
    const key = createPrivateKey(text);
    return (
      key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_DKIM_BITS
    );
  } catch {
    return false;
  }
}
