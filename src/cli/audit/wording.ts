import type { Accounts } from '../../auth/accounts/accounts.ts';
import { detailsOf, eventWords } from '../../auth/audit/words.ts';
import { isoTime } from '../../auth/personal-data.ts';
import { hex, type Link } from '../../platform/audit-log/seals.ts';
import { textForTerminal } from '../user/wording.ts';

/** A record as scripts read it. */
export function recordForScripts(link: Link) {
  const { sequence, happenedAt, type, outcome, accountId, sessionId, requestId, address, userAgent, work } =
    link;
  const about = { type, outcome, accountId, sessionId, requestId, address, userAgent, work };
  return {
    sequence,
    at: isoTime(happenedAt),
    ...about,
    details: detailsOf(link.details),
    mac: hex(link.mac),
  };
}

/** So many names are remembered while records go by. */
const MOST_NAMES = 1_000;

/** Makes what writes a record as one line for people, with the name of whoever it is about. */
export function createLines(accounts: Accounts): (link: Link) => Promise<string> {
  const names = new Map<string, string>();
  const nameOf = async (id: string) => {
    const known = names.get(id);
    if (known !== undefined) return known;
    const name = (await accounts.read(id))?.username ?? id;
    if (names.size < MOST_NAMES) names.set(id, name);
    return name;
  };
  return async (link) => {
    const { sequence, happenedAt, outcome, accountId, address, userAgent, work } = link;
    const parts = [
      `${sequence}`,
      isoTime(happenedAt),
      outcome,
      accountId === null ? null : await nameOf(accountId),
      eventWords(link),
      address === null ? null : `from ${address}`,
      // What came from outside is quoted, so that it cannot pass for anything else.
      userAgent === null || userAgent === '' ? null : JSON.stringify(userAgent),
      work === null ? null : `by ${work}`,
    ];
    return textForTerminal(parts.filter((part) => part !== null).join('  '));
  };
}
