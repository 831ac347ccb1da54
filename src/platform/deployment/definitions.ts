import { z } from 'zod';
import { geoipDatabase } from '../geoip/index.ts';
import { mailSettings } from '../mail/index.ts';
import { outboundSettings } from '../outbound/index.ts';
import {
  color,
  databaseSettings,
  duration,
  givenAs,
  line,
  ofBundler,
  ofOtherLog,
  ofServiceLink,
  ofShell,
  oneOf,
  optionalSetting,
  refuse,
  serverSettings,
  setting,
  wholeNumber,
} from '../settings/index.ts';
import { withoutUserInfo } from '../sql/index.ts';
import { isLoopbackHost, type SiteData } from '../web/index.ts';

/** Where the site is, what it is called, and the services that it uses. */
export const deploymentSettings = {
  baseUrl: optionalSetting({
    name: 'BASE_URL',
    foreign: ofBundler,
    neverEmptyInProduction: true,
    meaning:
      'Public origin. Its scheme is the one switch: `https:` turns on `Secure` `__Host-` cookies and HSTS and requires `SECRET_KEY`; `http:` is accepted for loopback hosts only.',
    fallbackMeaning: '`http://localhost:$PORT`; `https:` with `TLS_CERT`',
    schema: givenAs(
      'url',
      z.string().transform((text, context) => {
        const wanted = 'give scheme and host only, such as https://login.example.org';
        return originOf(text.trim()) ?? refuse(context, `is not an origin; ${wanted}`);
      }),
    ),
  }),
  basePath: setting({
    name: 'BASE_PATH',
    meaning:
      'The path below which all pages, files and `/api` lie, such as `/auth`, where the rest of the origin is of an application. Links in mails and addresses at identity providers contain it.',
    fallback: '',
    fallbackMeaning: 'none: they lie at the root',
    schema: z
      .string()
      .transform((text) => text.trim().replace(/\/$/, ''))
      .refine((text) => text === '' || /^(?:\/[a-z0-9_-]+)+$/i.test(text), {
        message: 'is not fitting; give a path of letters, digits, - and _, such as /auth',
      }),
  }),
  trustedOrigins: setting({
    name: 'TRUSTED_ORIGINS',
    meaning:
      'Further origins of the same application, separated by commas: their pages may call routes behind `guard`, and `next` may lead to them. Latchkey’s own forms are for `BASE_URL` alone, and CORS is the application’s.',
    fallback: '',
    fallbackMeaning: 'none',
    schema: givenAs({ list: 'commas' }, origins()),
  }),
  allowedHosts: setting({
    name: 'ALLOWED_HOSTS',
    meaning:
      'Further hosts that requests may name, separated by commas, such as `api.fly.dev` behind the rewrite rule of another platform. Others get 421. Links are always of `BASE_URL`.',
    fallback: '',
    fallbackMeaning: 'none',
    schema: givenAs({ list: 'commas' }, hosts()),
  }),
  port: setting({
    name: 'PORT',
    foreign: ofServiceLink,
    meaning: 'Port to listen on.',
    fallback: '3000',
    schema: wholeNumber(1, 65535),
  }),
  host: optionalSetting({
    name: 'HOST',
    foreign: ofShell,
    meaning: 'Address to listen on.',
    fallbackMeaning: 'loopback when `BASE_URL` is loopback, else all',
    schema: line(255).refine((text) => /^(?:[\w.-]+|[\da-f.]*:[\da-f:.]*:[\da-f:.]*(?:%\w+)?)$/i.test(text), {
      message: 'is no address; give one of this machine, such as 127.0.0.1 or ::, without a scheme or port',
    }),
  }),
  cookiePrefix: optionalSetting({
    name: 'COOKIE_PREFIX',
    meaning:
      'The beginning of the names of all cookies. Cookies ignore ports, so two sites on one host name sign each other’s users out unless their prefixes differ.',
    fallbackMeaning: '`latchkey`; on a loopback host with the port behind it, unless that is 3000',
    schema: z.string().refine((text) => /^[a-z][a-z0-9]{0,31}$/i.test(text), {
      message: 'is not fitting; give 1 to 32 letters and digits, a letter first',
    }),
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
    schema: givenAs(
      'url',
      z.string().refine((text) => /^rediss?:\/\/[^/]+/.test(text.trim()) && URL.canParse(text.trim()), {
        message: 'is not the URL of a Redis; give redis://host:6379, or rediss:// with TLS',
      }),
    ),
  }),
  secretKey: optionalSetting({
    name: 'SECRET_KEY',
    meaning: 'At least 32 bytes; `new,old` rotates. Every use derives its own key by HKDF.',
    fallbackMeaning: 'required on `https:`; in development generated once and kept in `data/secret.key`',
    secret: true,
    schema: givenAs({ list: 'commas' }, z.string()),
  }),
  ...mailSettings,
  ...outboundSettings,
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
    foreign: ofOtherLog,
    meaning:
      'Level of the log, which is written as JSON lines: `debug`, `info`, `warn`, `error` or `silent`.',
    fallback: 'info',
    schema: oneOf(['debug', 'info', 'warn', 'error', 'silent'], { warning: 'warn' }),
  }),
  signOutClears: setting({
    name: 'SIGN_OUT_CLEARS',
    meaning:
      'What browsers delete for the origin when a user signs out (`Clear-Site-Data`): `storage`, `cache`, both separated by a comma, or `none`. `storage` affects every application on the origin, so the library’s default is `none`; `cache` can make a browser wait for seconds.',
    fallback: 'storage',
    schema: givenAs({ list: 'commas' }, siteData()),
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
      'Path of a city or country database in MaxMind’s `.mmdb` format, used to show users approximately where their browsers are. It is read at start.',
    fallbackMeaning: 'none: no locations are shown',
    schema: geoipDatabase,
  }),
};

function siteData(): z.ZodType<readonly SiteData[], string> {
  return z.string().transform((text, context) => {
    const words = text.split(',').map((word) => word.trim().toLowerCase());
    const kinds = words.filter((word) => word === 'storage' || word === 'cache');
    if (words.join() === 'none' || kinds.length === words.length) return kinds;
    return refuse(context, 'is not known; give storage, cache, both with a comma, or none');
  });
}

function origins(): z.ZodType<readonly string[], string> {
  return z.string().transform((text, context) => {
    const members = text.split(',').flatMap((member) => (member.trim() === '' ? [] : [member.trim()]));
    const read = members.map((member) => ({ member, url: originOf(member) }));
    const wrong = read.find(({ url }) => url === null || isInTheClear(url));
    if (wrong === undefined) return read.flatMap(({ url }) => (url === null ? [] : [url.origin]));
    const wanted = 'give scheme and host, such as https://app.example.org (http: for loopback hosts only)';
    return refuse(context, `has ${JSON.stringify(wrong.member)}, which is not an origin to trust; ${wanted}`);
  });
}

function hosts(): z.ZodType<readonly string[], string> {
  return z.string().transform((text, context) => {
    const members = text
      .split(',')
      .flatMap((member) => (member.trim() === '' ? [] : [member.trim().toLowerCase()]));
    const wrong = members.find((member) => originOf(`https://${member}`)?.host !== member);
    if (wrong === undefined) return members;
    return refuse(
      context,
      `has ${JSON.stringify(wrong)}, which is not a host; give a name, with a port if need be`,
    );
  });
}

/** Whether an attacker in the network could be such an origin. */
function isInTheClear({ protocol, hostname }: URL): boolean {
  return protocol !== 'https:' && !isLoopbackHost(hostname);
}

/** `URL` accepts more, such as `*.example.org`, which is a pattern in other places. */
const HOST_NAME = /^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])$/;

function originOf(text: string): URL | null {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  const hasOnlyAnOrigin =
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  return hasOnlyAnOrigin && HOST_NAME.test(url.hostname) ? url : null;
}
