import { z } from 'zod';
import { defineEvents, type EventDefinition } from '../events/index.ts';
import { idSchema } from '../text/index.ts';
import type { Wording } from '../words/index.ts';
import { ACTOR_FIELD, type AuditRecord } from './record.ts';
import { eventWords, recordWords } from './words.ts';

/** Records have this name since before. */
export const CONTENT_FIELD = 'told';

/** What the audit log records about itself. It announces none of these. */
export const auditEvents = defineEvents(eventWords, {
  /** Records that were dropped on this node, because the database was unavailable for too long or refused them. */
  auditRecordsLost: { data: z.object({ count: z.number() }), outcome: 'failure' },
  /**
   * Records beyond a bound, which were counted instead: failures without a subject altogether, or records of one type
   * (`of`) of one subject, one client (`from`) or both.
   */
  auditRecordsLeftOut: {
    data: z.union([
      z.object({ count: z.number() }),
      z.object({
        subject: idSchema.nullable(),
        from: z.string().nullable(),
        of: z.string(),
        count: z.number(),
      }),
    ]),
    outcome: 'failure',
  },
  /** The row of the newest record was invalid. `told` (`CONTENT_FIELD`) is its content; `missed` the newest record of this node, if deleted. */
  auditResumed: {
    data: z.object({ [CONTENT_FIELD]: z.string().nullable(), missed: z.string().optional() }),
    outcome: 'failure',
  },
});

const labelDetails = z.object({
  method: z.string().optional(),
  reason: z.string().optional(),
  count: z.number().optional(),
  of: z.string().optional(),
});

/**
 * Describes a record in words. A type that only a newer version knows is shown by its name.
 * @param methodLabel names the method of an authentication in those words
 */
export function describeRecord(
  events: ReadonlyMap<string, Pick<EventDefinition, 'label'>>,
  words: Wording,
  { type, details }: Pick<AuditRecord, 'type' | 'details'>,
  methodLabel: (words: Wording, method: string) => string,
): string {
  const { of, method: name, ...others } = labelDetails.safeParse(detailsOf(details)).data ?? {};
  const known = { ...others, method: name === undefined ? name : methodLabel(words, name) };
  if (of === undefined || known.count === undefined) return events.get(type)?.label(words, known) ?? type;
  return words(recordWords).leftOut(events.get(of)?.label(words, {}) ?? of, known.count);
}

const actorDetails = z.looseObject({ [ACTOR_FIELD]: z.string().optional() });

/** The details of a record without who caused it, and who that was; null where no actor is named. */
export function readDetails(text: string): { readonly details: unknown; readonly by: string | null } {
  const details = detailsOf(text);
  const named = actorDetails.safeParse(details);
  if (!named.success) return { details, by: null };
  const { [ACTOR_FIELD]: by = null, ...others } = named.data;
  return { details: others, by };
}

/** The details of a record; those that an attacker has damaged in the database are empty. */
function detailsOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
