import { z } from 'zod';
import type { AuditRecord } from '../../platform/audit-log/record.ts';
import { messages } from '../pages/messages.ts';

const details = z.object({
  method: z.string().optional(),
  reason: z.string().optional(),
  count: z.number().optional(),
  of: z.string().optional(),
});

/** What a record tells, in words. A type that only a newer version knows is told by its name. */
export function eventWords({ type, details: text }: Pick<AuditRecord, 'type' | 'details'>): string {
  const { method, reason, count, of } = details.safeParse(detailsOf(text)).data ?? {};
  const { types, refusalReasons, withMethod, withReason, withCount, withMore } = messages.securityEvents;
  if (of !== undefined && count !== undefined) return withMore(types[of] ?? of, count);
  const words = types[type] ?? type;
  if (method !== undefined) return withMethod(words, messages.signInMethods[method] ?? method);
  if (reason !== undefined && type === 'sign-in-refused')
    return withReason(words, refusalReasons[reason] ?? reason);
  return count === undefined ? words : withCount(words, count);
}

/** The details of a record; what somebody has spoilt in the database keeps nobody from reading the rest. */
export function detailsOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
