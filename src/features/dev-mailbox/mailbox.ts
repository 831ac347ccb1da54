import type { RequestContext } from '../../auth/request-context.ts';
import type { Mailbox, ShownMail } from '../../platform/mail/index.ts';
import { type Answers, RequestRefused, type Site } from '../../platform/web/index.ts';
import { mailboxPage, mailPage, withLinksInNewTabs } from './pages.ts';

/** How often the list is loaded again, which needs no script. */
const REFRESH_SECONDS = '5';

/** A mail runs nothing, loads nothing, and belongs to no origin; its links open in a tab of their own. */
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

/** GET /dev/mailbox: what would have been sent, the newest first. */
export function showMailbox(answers: Answers, site: Site, mailbox: Mailbox) {
  return async (context: RequestContext) => {
    refuseRemoteClients(context);
    const page = await mailboxPage(context.language, site, await mailbox.list());
    return answers.html(200, String(page), { refresh: REFRESH_SECONDS });
  };
}

/** GET /dev/mailbox/mail: one of them, as HTML and as text. This page alone may have a frame in it. */
export function showMail(answers: Answers, site: Site, mailbox: Mailbox) {
  const policy = `${answers.security['content-security-policy']}; frame-src 'self'`;
  return async (context: RequestContext) => {
    const page = await mailPage(context.language, site, await chosen(context, mailbox));
    return answers.html(200, String(page), { 'content-security-policy': policy });
  };
}

/** GET /dev/mailbox/html: its HTML alone, for the frame on that page. */
export function showHtml(answers: Answers, mailbox: Mailbox) {
  const headers = { 'content-security-policy': MAIL_POLICY, 'x-frame-options': 'SAMEORIGIN' };
  return async (context: RequestContext) => {
    const { html } = await chosen(context, mailbox);
    return answers.html(200, withLinksInNewTabs(html), headers);
  };
}

/** GET /dev/mailbox/source: as a mail server would have got it. */
export function showSource(answers: Answers, mailbox: Mailbox) {
  return async (context: RequestContext) =>
    answers.text(200, await mailbox.sourceOf(await chosen(context, mailbox)));
}

/** @throws {RequestRefused} 404 where there is no such mail, or the client is not on this machine */
async function chosen(context: RequestContext, mailbox: Mailbox): Promise<ShownMail> {
  refuseRemoteClients(context);
  const mail = await mailbox.read(context.query('id') ?? '');
  if (mail === null) throw new RequestRefused(404);
  return mail;
}

// Both: a proxy on this machine may forward for a remote client, and a remote one may claim to be local.
function refuseRemoteClients({ peer, address }: RequestContext): void {
  if (!isLoopback(peer) || !isLoopback(address)) throw new RequestRefused(404);
}

// RFC 1122 §3.2.1.3, RFC 4291 §2.5.3
function isLoopback(address: string): boolean {
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}
