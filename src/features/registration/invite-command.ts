import type { CommandContext, Commands, CommandTools } from '../../auth/commands.ts';
import { createOneTimeTokens, createTokenCare } from '../../auth/one-time-tokens/one-time-tokens.ts';
import { paths } from '../../auth/paths.ts';
import {
  type Command,
  CommandError,
  type GivenOptions,
  UsageError,
} from '../../platform/command-line/index.ts';
import { occasionWithoutDevice } from '../../platform/mail/index.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { duration } from '../../platform/settings/index.ts';
import { parseEmailAddress } from '../../platform/text/index.ts';
import { pageUrl } from '../../platform/web/index.ts';
import { emails, events, tokens } from './definitions.ts';
import type { Invitation } from './invitation.ts';

export const inviteCommands: Commands = (tools) => [
  {
    name: 'invite',
    summary: 'Create a link with which a user registers, list these invitations, or revoke one.',
    members: [create(tools), list(tools), revoke(tools)],
  },
];

const expiry = duration({ minimum: '1m', maximum: '90d' });

const create = ({ withContext, settings }: CommandTools): Command => ({
  name: 'invite create',
  summary: 'Make a link with which one person makes one account, and print it.',
  options: {
    email: { type: 'string', explanation: 'The only address that the account may have.' },
    send: { type: 'boolean', explanation: 'Send the link to that address, too.' },
    expires: { type: 'string', explanation: 'How long the link works, such as 12h; 7d if not given.' },
    'allow-reserved': { type: 'boolean', explanation: 'Let the username be a reserved one, such as admin.' },
  },
  run: async (given) => {
    const invitation = { email: addressFrom(given), allowsReserved: given['allow-reserved'] === true };
    const lifetime = lifetimeFrom(given);
    const recipient = given['send'] === true ? invitation.email : null;
    if (given['send'] === true && recipient === null)
      throw new UsageError('--send needs an address; give it with --email');
    const system = settings();
    if (system.registration === 'closed')
      throw new CommandError('REGISTRATION is closed, so no invitation could be used; set it to invite');
    return withContext('invite create', async (context) => {
      const { id, token } = await issueInvitation(context, { invitation, lifetime, recipient });
      const link = pageUrl(`${paths.register}?token=${token}`, system).href;
      const expiresAt = isoTime(context.now + lifetime);
      const text = [
        link,
        `For ${invitation.email ?? 'any address'}, once, until ${expiresAt}.`,
        ...(recipient === null ? [] : [`A mail to ${recipient} waits for the server to send it.`]),
        `To take it back: latchkey invite revoke ${id}`,
      ];
      return { json: { id, link, ...invitation, expiresAt }, text };
    });
  },
});

type NewInvitation = {
  readonly invitation: Invitation;
  /** Milliseconds. */
  readonly lifetime: number;
  /** Where the link is sent; null if it is printed only. */
  readonly recipient: string | null;
};

/** Stores the invitation and its mail in one transaction. */
async function issueInvitation(context: CommandContext, { invitation, lifetime, recipient }: NewInvitation) {
  const { database, secrets, now, announce } = context;
  const oneTimeTokens = createOneTimeTokens(database, secrets());
  const wanted = { purpose: tokens.invitation, accountId: null, data: invitation, lifetime };
  const mail = recipient === null ? null : context.mail();
  if (mail?.isPossible === false)
    throw new CommandError('No mail can be sent; set SMTP_URL and MAIL_FROM, or leave --send out');
  const token = await database.transaction(async (transaction) => {
    const issued = await oneTimeTokens.issue(transaction, wanted, now);
    const page = `${paths.register}?token=${issued}` as const;
    const email = emails.invitation.with({ page, expires: now + lifetime });
    const occasion = occasionWithoutDevice(now);
    if (mail !== null && recipient !== null)
      await mail.queue(transaction, { to: recipient, ownerId: null, email, occasion });
    return issued;
  });
  const id = oneTimeTokens.idOf(token);
  announce(events.invitationCreated, { invitationId: id });
  return { token, id };
}

function addressFrom({ email }: GivenOptions): string | null {
  if (typeof email !== 'string') return null;
  const reading = parseEmailAddress(email);
  if (!reading.ok) throw new UsageError('--email takes one address, such as name@example.org');
  return reading.address;
}

function lifetimeFrom({ expires }: GivenOptions): number {
  if (typeof expires !== 'string') return tokens.invitation.lifetime;
  const reading = expiry.safeParse(expires);
  if (!reading.success) throw new UsageError('--expires takes a time such as 12h or 7d, from 1m to 90d');
  return reading.data;
}

const list = ({ withContext }: CommandTools): Command => ({
  name: 'invite list',
  summary: 'List the invitations that still work; their links were shown once and are kept nowhere.',
  run: () =>
    withContext('invite list', async ({ database, now }) => {
      const outstanding = await createTokenCare(database.queries).outstanding(tokens.invitation, now);
      const json = outstanding.map(({ id, data, issuedAt, expiresAt }) => {
        return { id, ...data, createdAt: isoTime(issuedAt), expiresAt: isoTime(expiresAt) };
      });
      const text = json.map(({ id, email, allowsReserved, expiresAt }) => {
        const reserved = allowsReserved ? ['reserved names'] : [];
        return [id, email ?? 'any address', `until ${expiresAt}`, ...reserved].join('  ');
      });
      return { json, text };
    }),
});

const revoke = ({ withContext }: CommandTools): Command => ({
  name: 'invite revoke',
  summary: 'Take an invitation back: its link works no more.',
  operands: [{ name: 'ID', explanation: 'The id that invite list shows.' }],
  run: (_, [id = '']) =>
    withContext('invite revoke', async ({ database, announce }) => {
      if (!(await createTokenCare(database.queries).revoke(tokens.invitation, id)))
        throw new CommandError(`There is no invitation “${id}”; it may have been used, or have run out`);
      announce(events.invitationRevoked, { invitationId: id });
      return { json: { id, revoked: true }, text: `The invitation ${id} is taken back.` };
    }),
});
