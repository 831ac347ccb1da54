import { z } from 'zod';
import { geoipDatabase } from '../../platform/geoip/index.ts';
import { mailSettings } from '../../platform/mail/index.ts';
import {
  color,
  databaseSettings,
  duration,
  line,
  oneOf,
  optionalSetting,
  serverSettings,
  setting,
  wholeNumber,
} from '../../platform/settings/index.ts';
import { withoutUserInfo } from '../../platform/sql/index.ts';
import type { SiteData } from '../../platform/web/headers.ts';

/** The settings that every feature stands on. Features declare their own beside their routes. */
export const coreSettings = {
  baseUrl: optionalSetting({
    name: 'BASE_URL',
    meaning:
      'Public origin. Its scheme is the one switch: `https:` turns on `Secure` `__Host-` cookies and HSTS and requires `SECRET_KEY`; `http:` is accepted for loopback hosts only.',
    fallbackMeaning: '`http://localhost:$PORT`; `https:` with `TLS_CERT`',
    schema: z.string().transform((text, context) => {
      const origin = originOf(text.trim());
      if (origin === null) {
        context.addIssue({
          code: 'custom',
          message: 'is not an origin; give scheme and host only, such as https://login.example.org',
        });
        return z.NEVER;
      }
      return origin;
    }),
  }),
  port: setting({
    name: 'PORT',
    meaning: 'Port to listen on.',
    fallback: '3000',
    schema: wholeNumber(1, 65535),
  }),
  host: optionalSetting({
    name: 'HOST',
    meaning: 'Address to listen on.',
    fallbackMeaning: 'loopback when `BASE_URL` is loopback, else all',
    schema: line(255),
  }),
  ...serverSettings,
  ...databaseSettings,
  redisUrl: optionalSetting({
    name: 'REDIS_URL',
    meaning:
      'Redis 6 or later, or Valkey, for counters that several nodes share: `redis://…`, or `rediss://…` with TLS.',
    fallbackMeaning: 'none: counters in the database',
    secret: true,
    masked: withoutUserInfo,
    schema: z.string().refine((text) => /^rediss?:\/\/[^/]+/.test(text.trim()) && URL.canParse(text.trim()), {
      message: 'is not the URL of a Redis; give redis://host:6379, or rediss:// with TLS',
    }),
  }),
  secretKey: optionalSetting({
    name: 'SECRET_KEY',
    meaning: 'At least 32 bytes; `new,old` rotates. Every use derives its own key by HKDF.',
    fallbackMeaning: 'required on `https:`; in development generated once and kept in `data/secret.key`',
    secret: true,
    schema: z.string(),
  }),
  ...mailSettings,
  email: optionalSetting({
    name: 'EMAIL',
    meaning:
      'Whether registration asks for an email address: `required` (confirmed before the account works), `optional` or `off`.',
    fallbackMeaning: '`required` with `SMTP_URL`, else `optional`',
    schema: oneOf(['required', 'optional', 'off']),
  }),
  registration: setting({
    name: 'REGISTRATION',
    meaning:
      'Who may create an account: `open` for all visitors, `invite` with an invitation (`latchkey invite create`), `closed` for no visitor.',
    fallback: 'open',
    neverEmpty: true,
    schema: oneOf(['open', 'invite', 'closed']),
  }),
  sessionIdle: setting({
    name: 'SESSION_IDLE',
    meaning: 'A session ends after this time without a request.',
    fallback: '24h',
    schema: duration({ minimum: '1m', maximum: '30d' }),
  }),
  sessionLifetime: setting({
    name: 'SESSION_LIFETIME',
    meaning: 'A session ends this long after sign-in, even if it is in use.',
    fallback: '7d',
    schema: duration({ minimum: '1m', maximum: '30d' }),
  }),
  sessionRotate: setting({
    name: 'SESSION_ROTATE',
    meaning: 'The session token is replaced when it is used after this time.',
    fallback: '10m',
    schema: duration({ minimum: '1s', maximum: '30d' }),
  }),
  sessionRememberIdle: setting({
    name: 'SESSION_REMEMBER_IDLE',
    meaning: '`SESSION_IDLE` for users who choose “Keep me signed in”.',
    fallback: '14d',
    schema: duration({ minimum: '1m', maximum: '30d' }),
  }),
  sessionRememberLifetime: setting({
    name: 'SESSION_REMEMBER_LIFETIME',
    meaning:
      '`SESSION_LIFETIME` for users who choose “Keep me signed in”; their cookie outlives the browser.',
    fallback: '30d',
    schema: duration({ minimum: '1m', maximum: '30d' }),
  }),
  sessionsPerAccount: setting({
    name: 'SESSIONS_PER_ACCOUNT',
    meaning: 'Maximum number of sessions of an account; one more ends the session that was unused longest.',
    fallback: '50',
    schema: wholeNumber(1, 1_000),
  }),
  sessionFresh: setting({
    name: 'SESSION_FRESH',
    meaning:
      'Sensitive actions ask the user to authenticate again if the last active authentication is older than this.',
    fallback: '10m',
    schema: duration({ minimum: '1m', maximum: '1d' }),
  }),
  signOutClears: setting({
    name: 'SIGN_OUT_CLEARS',
    meaning:
      'What browsers delete for the origin when a user signs out (`Clear-Site-Data`): `storage`, `cache`, both separated by a comma, or `none`. `storage` affects every application on the origin, so the library’s default is `none`; `cache` can make a browser wait for seconds.',
    fallback: 'storage',
    schema: siteData(),
  }),
  auditRetention: setting({
    name: 'AUDIT_RETENTION',
    meaning: 'How long audit records are kept.',
    fallback: '365d',
    schema: duration({ minimum: '1d', maximum: '3650d' }),
  }),
  geoipDatabase: optionalSetting({
    name: 'GEOIP_DATABASE',
    meaning:
      'Path of a city or country database in MaxMind’s `.mmdb` format, used to show users the approximate location of their sessions. It is read at start.',
    fallbackMeaning: 'none: no locations are shown',
    schema: geoipDatabase,
  }),
  siteName: setting({
    name: 'SITE_NAME',
    meaning: 'The name shown on every page and in mails.',
    fallback: 'Latchkey',
    schema: line(60),
  }),
  accentColor: setting({
    name: 'ACCENT_COLOR',
    meaning:
      'The colour of buttons and links, as `#rrggbb`; it is adjusted where the contrast would be too low.',
    fallback: '#2f5bea',
    schema: color,
  }),
  logLevel: setting({
    name: 'LOG_LEVEL',
    meaning:
      'Level of the log, which is written as JSON lines: `debug`, `info`, `warn`, `error` or `silent`.',
    fallback: 'info',
    schema: oneOf(['debug', 'info', 'warn', 'error', 'silent']),
  }),
};

function siteData(): z.ZodType<readonly SiteData[], string> {
  return z.string().transform((text, context) => {
    const words = text.split(',').map((word) => word.trim());
    const kinds = words.filter((word) => word === 'storage' || word === 'cache');
    if (words.join() === 'none' || kinds.length === words.length) return kinds;
    const message = 'is not known; give storage, cache, both with a comma, or none';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

function originOf(text: string): URL | null {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  const isOnlyAnOrigin =
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  return isOnlyAnOrigin ? url : null;
}
