import { occasionWithoutDevice } from '../../auth/mail/notices.ts';
import { dkimOf, mailRenderer, senderOf } from '../../platform/mail/mail.ts';
import { outgoingMail } from '../../platform/mail/outgoing-mail.ts';
import { openSmtp } from '../../platform/mail/smtp.ts';
import { systemClock } from '../../platform/runtime/clock.ts';
import { parseEmailAddress } from '../../platform/text/email-address.ts';
import { newId } from '../../platform/text/uuid.ts';
import { givenSettings } from '../../settings.ts';
import { type Command, CommandError, jsonOption, UsageError } from '../command.ts';
import { jsonForTerminal } from '../user/wording.ts';

export const testMail: Command = {
  name: 'mail test',
  summary: 'Send a test to an address right now, and tell what the mail server said.',
  options: { json: jsonOption },
  operands: [{ name: 'ADDRESS', explanation: 'Where it goes.' }],
  run: async ({ json }, [typed = '']) => {
    const reading = parseEmailAddress(typed);
    if (!reading.valid)
      throw new UsageError(`“${typed}” is no email address; give one such as you@example.org`);
    const outcome = await sendTest(reading.address);
    if (json === true) console.log(jsonForTerminal(outcome));
    if (outcome.kind === 'sent') {
      if (json !== true) console.log(`The server has taken a mail to ${reading.address}.`);
      return;
    }
    throw new CommandError(`${WORDS[outcome.kind]}: ${jsonForTerminal(outcome.answer)}`);
  },
};

const WORDS = {
  refused: 'The server refuses this mail',
  deferred: 'The server takes this mail later, perhaps',
  unreachable: 'The server cannot be used',
};

async function sendTest(recipient: string) {
  const settings = givenSettings(process.env, process.cwd());
  if (settings.smtpUrl === undefined)
    throw new CommandError('SMTP_URL: is not set, so there is no mail server');
  const now = systemClock();
  const occasion = occasionWithoutDevice(now);
  const content = await mailRenderer(settings)({ name: 'test', occasion });
  const from = senderOf(settings);
  const smtp = openSmtp(settings.smtpUrl, dkimOf(settings));
  try {
    return await smtp.send(outgoingMail({ id: newId(now), recipient, from, createdAt: now, content }));
  } finally {
    smtp.close();
  }
}
