import type { Core } from '../auth/core.ts';
import type { EventData, EventDefinition } from '../platform/events/index.ts';

/** Who makes a change, for the audit log: the id of a user, or a label such as `cron`. */
export type By = { readonly by: string };

/** Records an event with the actor. */
export type AnnounceBy = <Data extends EventData>(
  event: EventDefinition<Data>,
  data: NoInfer<Data>,
  by: string,
) => void;

/** @param work what the audit log calls the cause of changes */
export function announceBy({ announce }: Pick<Core, 'announce'>, work: string): AnnounceBy {
  return (event, data, by) => announce(event, data, { work, by });
}

const LONGEST_ACTOR = 100;

/** @throws {TypeError} when it names no actor: a change must not be recorded without one */
export function parseActor(by: unknown): string {
  const name = typeof by === 'string' ? by.trim() : '';
  if (name !== '' && name.length <= LONGEST_ACTOR && !/\p{Cc}/u.test(name)) return name;
  throw new TypeError(
    `by is missing or too long; name who makes the change in 1 to ${LONGEST_ACTOR} characters: a user id, or a label such as cron`,
  );
}
