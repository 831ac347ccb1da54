import { type AuditRecord, auditEvents, describeRecord } from '../../platform/audit-log/index.ts';
import { collectEvents, type EventDefinition, type EventDetails } from '../../platform/events/index.ts';
import { english } from '../../platform/words/words.ts';
import { messages } from '../pages/messages.ts';

type Labelled = Pick<EventDefinition, 'label'>;

/** Describes a record in words. */
export function eventWords(record: Pick<AuditRecord, 'type' | 'details'>): string {
  return describeRecord(labels(), english.words, record);
}

function labels(): ReadonlyMap<string, Labelled> {
  const own = Object.entries(messages.securityEvents.types).map(
    ([type, text]) => [type, { label: (_, details) => labelOf(type, text, details) }] as [string, Labelled],
  );
  return new Map([...own, ...collectEvents([auditEvents])]);
}

function labelOf(type: string, text: string, { method, reason, count }: EventDetails): string {
  const { refusalReasons, withMethod, withReason, withCount } = messages.securityEvents;
  if (method !== undefined) return withMethod(text, messages.signInMethods[method] ?? method);
  if (reason !== undefined && type === 'sign-in-refused')
    return withReason(text, refusalReasons[reason] ?? reason);
  return count === undefined ? text : withCount(text, count);
}
