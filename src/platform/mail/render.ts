import type { MailMessage } from '../../auth/mail/message.ts';
import { type MailSite, valuesOf } from '../../auth/mail/values.ts';
import { readableAccent } from '../web/pages/accent.ts';
import { htmlPart } from './html-part.ts';
import { letterOf } from './letter.ts';
import { filled, type MailTemplates } from './templates.ts';
import { textPart } from './text-part.ts';

/** A mail as it is read. */
export type RenderedMail = { readonly subject: string; readonly text: string; readonly html: string };

/** Writes mails of a site. @throws {TypeError} when a page in one is not of this site */
export type RenderMail = (message: MailMessage) => Promise<RenderedMail>;

/**
 * @param accentColor `#rrggbb`
 * @param templates what whoever runs the site has written anew
 */
export function createMailRenderer(
  site: MailSite,
  accentColor: string,
  templates: MailTemplates = new Map(),
): RenderMail {
  const look = { siteName: site.name, accent: readableAccent(accentColor) };
  return async (message) => {
    const values = valuesOf(message, site);
    const letter = letterOf(message.name, values);
    const builtIn = {
      subject: letter.subject,
      text: textPart(letter, site.name),
      html: await htmlPart(letter, look),
    };
    return { ...builtIn, ...filled(templates.get(message.name) ?? {}, values) };
  };
}
