import { createOneTimeTokens } from '../../auth/one-time-tokens/one-time-tokens.ts';
import { paths } from '../../auth/paths.ts';
import { isoTime } from '../../auth/personal-data.ts';
import { type Invitation, invitationPurpose, writeInvitation } from '../../features/registration/index.ts';
import { duration } from '../../platform/settings/values.ts';
import { parseEmailAddress } from '../../platform/text/email-address.ts';
import { givenSettings } from '../../settings.ts';
import { type Command, CommandError, type GivenOptions, jsonOption, UsageError } from '../command.ts';
import { type People, withPeople } from '../user/people.ts';

const expiry = duration({ minimum: '1m', maximum: '90d' });

export const create: Command = {
  name: 'invite create',
  summary: 'Make a link with which one person makes one account, and print it.',
  options: {
    email: { type: 'string', explanation: 'The only address that the account may have.' },
    send: { type: 'boolean', explanation: 'Send the link to that address, too.' },
    expires: { type: 'string', explanation: 'How long the link works, such as 12h; 7d if not given.' },
    'allow-reserved': { type: 'boolean', explanation: 'Let the username be a reserved one, such as admin.' },
    json: jsonOption,
  },
  run: async (given) => {
    const invitation = {
      email: addressIn(given),
      allowsReserved: given['allow-reserved'] === true,
    };
    const lifetime = lifetimeIn(given);
    const recipient = given['send'] === true ? invitation.email : null;
    if (given['send'] === true && recipient === null)
      throw new UsageError('--send needs an address; give it with --email');
    const { baseUrl, registration } = givenSettings(process.env, process.cwd());
    if (registration === 'closed')
      throw new CommandError('REGISTRATION is closed, so nobody could use an invitation; set it to invite');
    await withPeople('invite create', async (people) => {
      const made = await make(people, { invitation, lifetime, recipient });
      const link = new URL(`${paths.register}?token=${made.token}`, baseUrl).href;
      const told = { id: made.id, link, ...invitation, expiresAt: isoTime(people.now + lifetime) };
      if (given['json'] === true) return console.log(JSON.stringify(told));
      console.log(link);
      console.log(`For ${invitation.email ?? 'anybody'}, once, until ${told.expiresAt}.`);
      if (recipient !== null) console.log(`A mail to ${recipient} waits for the server to send it.`);
      console.log(`To take it back: latchkey invite revoke ${told.id}`);
    });
  },
};

type NewInvitation = {
  readonly invitation: Invitation;
  /** Milliseconds. */
  readonly lifetime: number;
  /** Whom the link is sent to; null for nobody. */
  readonly recipient: string | null;
};

/** The invitation and its mail, both or neither. */
async function make(people: People, { invitation, lifetime, recipient }: NewInvitation) {
  const { database, secrets, now, announce } = people;
  const tokens = createOneTimeTokens(database, secrets());
  const data = writeInvitation(invitation);
  const wanted = { purpose: invitationPurpose, accountId: null, data, lifetime };
  const mail = recipient === null ? null : people.mail();
  if (mail?.isPossible === false)
    throw new CommandError('No mail can be sent; set SMTP_URL and MAIL_FROM, or leave --send out');
  const token = await database.transaction(async (transaction) => {
    const issued = await tokens.issue(transaction, wanted, now);
    const page = `${paths.register}?token=${issued}` as const;
    const message = { name: 'invitation', page, expiresAt: now + lifetime } as const;
    if (mail !== null && recipient !== null)
      await mail.queue(transaction, { to: recipient, accountId: null, message, now });
    return issued;
  });
  const id = tokens.idOf(token);
  announce({ type: 'invitation-created', invitationId: id });
  return { token, id };
}

function addressIn({ email }: GivenOptions): string | null {
  if (typeof email !== 'string') return null;
  const reading = parseEmailAddress(email);
  if (!reading.valid) throw new UsageError('--email takes one address, such as name@example.org');
  return reading.address;
}

function lifetimeIn({ expires }: GivenOptions): number {
  if (typeof expires !== 'string') return invitationPurpose.lifetime;
  const reading = expiry.safeParse(expires);
  if (!reading.success) throw new UsageError('--expires takes a time such as 12h or 7d, from 1m to 90d');
  return reading.data;
}
