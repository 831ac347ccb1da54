import { DatabaseStartError } from '../../../platform/sql/database.ts';
import { type Finding, findingsOf } from '../finding.ts';

/** What would keep the server from starting, as a finding. @throws whatever else went wrong */
export function startFault(check: string, error: unknown): Finding {
  if (!(error instanceof DatabaseStartError)) throw error;
  // Its message is one line without credentials: the setting, what is wrong and, for the most part, what to do.
  const [, what = '', fix] = /^DATABASE_URL: (.*?)(?:; (.*))?$/.exec(error.message) ?? [];
  return findingsOf(check).fault(what, fix ?? 'see that DATABASE_URL names the right database');
}
