import { readableAccent } from '../pages/accent.ts';
import { htmlPart } from './html-part.ts';
import { letterOf } from './letter.ts';
import type { MailMessage } from './message.ts';
import { textPart } from './text-part.ts';
import { type MailSite, valuesOf } from './values.ts';

/** A mail as it is read. */
export type RenderedMail = { readonly subject: string; readonly text: string; readonly html: string };

/** Writes mails of a site. @throws {TypeError} when a page in one is not of this site */
export type RenderMail = (message: MailMessage) => Promise<RenderedMail>;

/** @param accentColor `#rrggbb` */
export function createMailRenderer(site: MailSite, accentColor: string): RenderMail {
  const look = { siteName: site.name, accent: readableAccent(accentColor) };
  return async (message) => {
    const letter = letterOf(message.name, valuesOf(message, site));
    const { subject } = letter;
    return { subject, text: textPart(letter, site.name), html: await htmlPart(letter, look) };
  };
}
