/** Mail: what features queue, the outbox in the database, and the delivery by SMTP or by the application. */

export type { MailWorker } from './delivery.ts';
export {
  defineEmails,
  type Email,
  type EmailDefinition,
  emails,
  link,
  list,
  moment,
  noticeContent,
  type Occasion,
  occasionWithoutDevice,
  recipientName,
  text,
} from './email.ts';
export { mailEvents } from './events.ts';
export {
  dkimOf,
  type MailSystem,
  type MailSystemParts,
  mailRenderer,
  openMail,
  senderOf,
} from './mail.ts';
export type { Mailbox, ShownMail } from './mailbox.ts';
export type { Mail } from './outbox.ts';
export { inDevelopment, mailFaults, mailSettings, type SmtpServer } from './settings.ts';
export { openSmtp, outcomeOf } from './smtp.ts';
export { deleteOldMail, type MailTables, mailOf, type OutboxRow, outboxAfter, retryMail } from './store.ts';
export { type MailTemplates, templateFault } from './templates.ts';
export { MailRefusedError, type OutgoingMail, outgoingMail, type SendMail } from './transport.ts';
