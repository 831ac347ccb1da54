import { z } from 'zod';
import { answerFrom, type Outcome } from './transport.ts';

/** What nodemailer tells besides the message of an error. */
const details = z.object({
  code: z.string().optional(),
  originalCode: z.string().optional(),
  command: z.string().optional(),
  response: z.string().optional(),
  responseCode: z.number().optional(),
  permanent: z.boolean().optional(),
});

type Details = z.infer<typeof details>;

/**
 * What an attempt has come to that ended in an error.
 * @param isHandedOver whether the server has all of the mail. Then it may have accepted it, so the attempt counts: a server
 *   that never says so must not be sent the same mail for days
 */
export function outcomeOf(error: unknown, isHandedOver = false): Exclude<Outcome, { kind: 'sent' }> {
  const parsed = details.safeParse(error);
  const known: Details = parsed.success ? parsed.data : {};
  const message = error instanceof Error ? error.message : String(error);
  const kind = isHandedOver && known.responseCode === undefined ? 'deferred' : kindOf(known);
  return { kind, code: codeOf(known), answer: answerFrom(known.response ?? message) };
}

/**
 * A reply to the recipient or to the mail itself is about this mail. All else is about the server or about our settings,
 * which somebody will mend: a refused sign-in or a refused sender must not use up the attempts of every mail there is.
 */
function kindOf({ command, responseCode, permanent }: Details): 'refused' | 'deferred' | 'unreachable' {
  const isAboutMail = command === 'RCPT TO' || command === 'DATA';
  // RFC 5321 §3.8: with 421 the server ends the connection, whatever it was asked.
  if (!isAboutMail || responseCode === undefined || responseCode === 421) return 'unreachable';
  return permanent === true ? 'refused' : 'deferred';
}

function codeOf({ code, originalCode, responseCode }: Details): string | null {
  return responseCode?.toString() ?? originalCode ?? code ?? null;
}
