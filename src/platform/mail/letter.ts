import type { MailName } from '../../auth/mail/message.ts';
import type { MailValues } from '../../auth/mail/values.ts';
import { type Letter, mailWords } from '../../auth/mail/words.ts';

/** Writes a mail with its values. */
export function letterOf(name: MailName, values: MailValues): Letter {
  return {
    username: values.username === '' ? null : values.username,
    lead: [],
    action: null,
    code: null,
    limits: null,
    facts: factsOf(values),
    advice: [],
    help: null,
    ...mailWords.letters[name](values),
  };
}

function factsOf({ when, where }: MailValues): Letter['facts'] {
  const all = [
    [mailWords.when, when],
    [mailWords.where, where],
  ] as const;
  return all.filter(([, value]) => value !== '');
}
