import { z } from 'zod';
import { defineFeature, siteRoute } from '../../auth/feature.ts';
import { DAY, SECOND } from '../../platform/runtime/index.ts';
import { optionalSetting } from '../../platform/settings/index.ts';

const siteFileSettings = {
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

// RFC 9116 §2.5.5 recommends less than a year, so that the contact of an abandoned site expires.
const EXPIRY = 90 * DAY;

const DAY_LONG = { 'cache-control': `public, max-age=${DAY / SECOND}` };

/**
 * Pages say `noindex` themselves, which crawlers read only where they may. Nothing more is said, as an application
 * around this one may have pages to be found.
 */
const ROBOTS = 'User-agent: *\nDisallow:\n';

/** What browsers, crawlers and researchers ask every site for. */
export const siteFiles = defineFeature({
  name: 'site-files',
  settings: siteFileSettings,
  compose: ({ answers, settings, settingsOf, clock, files: { icon } }) => {
    const { securityContact: contact } = settingsOf(siteFileSettings);
    const securityText = (to: string) => {
      const expires = new Date(clock() + EXPIRY).toISOString();
      const canonical = new URL(SECURITY_TEXT, settings.baseUrl).href;
      return `Contact: ${to}\nExpires: ${expires}\nCanonical: ${canonical}\n`;
    };
    return {
      routes: [
        siteRoute('/favicon.ico', () =>
          answers.text(200, icon.body, { 'content-type': icon.contentType, ...DAY_LONG }),
        ),
        siteRoute('/robots.txt', () => answers.text(200, ROBOTS, DAY_LONG)),
        ...(contact === undefined
          ? []
          : [siteRoute(SECURITY_TEXT, () => answers.text(200, securityText(contact)))]),
      ],
    };
  },
});

const SECURITY_TEXT = '/.well-known/security.txt';
