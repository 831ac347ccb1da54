import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import type { Feature, Route } from '../../auth/feature.ts';
import { DAY, SECOND } from '../../platform/runtime/clock.ts';
import { optionalSetting } from '../../platform/settings/setting.ts';
import type { Assets } from '../../platform/web/pages/stylesheet.ts';

export const siteFileSettings = {
  securityContact: optionalSetting({
    name: 'SECURITY_CONTACT',
    meaning:
      'Where to report a vulnerability of this site, published in `/.well-known/security.txt`: `mailto:security@example.org` or an `https:` URL.',
    fallbackMeaning: 'none: `/.well-known/security.txt` is 404',
    schema: z
      .string()
      .transform((text) => text.trim())
      .refine((text) => /^(?:mailto:[^\s@]+@[^\s@]+|https:\/\/[^\s/]+\S*)$/.test(text), {
        message: 'is not a contact; give mailto:security@example.org or an https: address',
      }),
  }),
};

// RFC 9116 §2.5.5 recommends less than a year, so that an abandoned site names nobody for longer.
const EXPIRY = 90 * DAY;

const DAY_LONG = { 'cache-control': `public, max-age=${DAY / SECOND}` };

/**
 * Pages say `noindex` themselves, which crawlers read only where they may. Nothing more is said, as an application
 * around this one may have pages to be found.
 */
const ROBOTS = 'User-agent: *\nDisallow:\n';

/** What browsers, crawlers and researchers ask every site for. @param contact null for no security.txt */
export function siteFiles(core: Core, { icon }: Assets, contact: string | null): Feature {
  const { answers, settings, clock } = core;
  const file = (path: Route['path'], handle: () => Response): Route => {
    return { method: 'GET', path, access: 'open', limit: 'none', handle };
  };
  const securityText = (to: string) => {
    const expires = new Date(clock() + EXPIRY).toISOString();
    const canonical = new URL(SECURITY_TEXT, settings.baseUrl).href;
    return `Contact: ${to}\nExpires: ${expires}\nCanonical: ${canonical}\n`;
  };
  return {
    name: 'site-files',
    needs: [],
    settings: siteFileSettings,
    tables: [],
    routes: [
      file('/favicon.ico', () =>
        answers.text(200, icon.body, { 'content-type': icon.contentType, ...DAY_LONG }),
      ),
      file('/robots.txt', () => answers.text(200, ROBOTS, DAY_LONG)),
      ...(contact === null ? [] : [file(SECURITY_TEXT, () => answers.text(200, securityText(contact)))]),
    ],
  };
}

const SECURITY_TEXT = '/.well-known/security.txt';
