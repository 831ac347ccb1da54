import { z } from 'zod';
import type { Wording, Words } from '../words/index.ts';

/** What an event carries: ids, numbers and reasons. Nothing secret, and nothing that a user typed. */
export type EventData = Readonly<Record<string, unknown>>;

/** Whether what was attempted succeeded. Failures are what an investigation looks for. */
export type Outcome = 'success' | 'failure';

/** Where an event came from: a request, or work without a request, such as `user disable` or `retention`. */
export type Origin =
  | {
      readonly requestId: string;
      readonly address: string;
      /** The user agent that the client claims. */
      readonly userAgent: string;
    }
  | {
      readonly work: string;
      /** Who caused it: the id of a user, or a label of the application or command line. */
      readonly by?: string;
    };

/** A counter in the metrics that counts some events by what came of them. */
export type EventCounter = { readonly name: string; readonly help: string; readonly label: string };

export type EventDefinition<Data extends EventData = EventData> = {
  /** The name in records, log lines and metrics: the key of the definition in kebab case. */
  readonly name: string;
  readonly data: z.ZodType<Data>;
  readonly outcome: Outcome;
  /** Whether it changes what belongs to its subject or takes data from it; other subjects never displace its record. */
  readonly isChange: boolean;
  readonly isWarning: (data: EventData) => boolean;
  readonly isRecorded: (field: string) => boolean;
  readonly counted: Counted | null;
  readonly label: (words: Wording, details: EventDetails) => string;
};

type Counted = {
  readonly counter: EventCounter;
  /** The values that the metrics contain from the start, at 0. */
  readonly values: readonly string[];
  readonly valueOf: (data: EventData) => string;
};

/** The details of a stored record that a label can contain. A newer or older version may have written them. */
export type EventDetails = {
  readonly method?: string | undefined;
  readonly reason?: string | undefined;
  readonly count?: number | undefined;
};

/** What happened, for the user that it happened to. */
export type EventLabel = string | ((details: EventDetails) => string);

type EventDeclaration<Data> = {
  readonly data: z.ZodType<Data>;
  readonly outcome: Outcome;
  readonly isChange?: boolean;
  /** When it is logged as a warning. */
  readonly isWarning?: (data: Data) => boolean;
  /** Fields that only the log contains. */
  readonly logOnly?: readonly (keyof Data & string)[];
  /** A counter beside that of all events; it counts under a fixed value, or under that of a field. */
  readonly counted?:
    | { readonly in: EventCounter; readonly as: string }
    | { readonly in: EventCounter; readonly by: keyof Data & string };
};

/** Declares events; each key becomes the event's name in kebab case (`mailSent`, `mail-sent`). */
export function defineEvents<DataOf extends Readonly<Record<string, EventData>>>(
  words: Words<{ readonly [Key in keyof NoInfer<DataOf>]: EventLabel }>,
  events: { readonly [Key in keyof DataOf]: EventDeclaration<DataOf[Key]> },
): { readonly [Key in keyof DataOf]: EventDefinition<DataOf[Key]> };
export function defineEvents(
  words: Words<Readonly<Record<string, EventLabel>>>,
  events: Readonly<Record<string, EventDeclaration<EventData>>>,
): Readonly<Record<string, EventDefinition>> {
  return Object.fromEntries(
    Object.entries(events).map(([key, declaration]) => [key, define(words, key, declaration)]),
  );
}

function define(
  words: Words<Readonly<Record<string, EventLabel>>>,
  key: string,
  { data, outcome, isChange = false, isWarning, logOnly = [], counted }: EventDeclaration<EventData>,
): EventDefinition {
  const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return {
    name,
    data,
    outcome,
    isChange,
    isWarning: isWarning ?? (() => false),
    isRecorded: (field) => !logOnly.includes(field),
    counted: counted === undefined ? null : countedBy(counted, data),
    label: (wording, details) => {
      const label = wording(words)[key] ?? name;
      return typeof label === 'string' ? label : label(details);
    },
  };
}

function countedBy(
  counted: NonNullable<EventDeclaration<EventData>['counted']>,
  data: z.ZodType<EventData>,
): Counted {
  if ('as' in counted) return { counter: counted.in, values: [counted.as], valueOf: () => counted.as };
  const field = data instanceof z.ZodObject ? data.shape[counted.by] : null;
  return {
    counter: counted.in,
    values: field instanceof z.ZodEnum ? field.options.map(String) : [],
    valueOf: (announced) => String(announced[counted.by]),
  };
}

/** Reports an event; the compiler checks its data. */
export type Announce = <Data extends EventData>(
  event: EventDefinition<Data>,
  data: NoInfer<Data>,
  origin: Origin,
) => void;

/** Receives every event and cannot change its course. */
export type EventObserver = (event: EventDefinition, data: EventData, origin: Origin) => void;

/** Joins observers. One that throws hides nothing from the others and stops no request. */
export function announceTo(
  observers: readonly EventObserver[],
  onFailure: (error: unknown) => void,
): EventObserver {
  return (event, data, origin) => {
    for (const observe of observers) {
      try {
        observe(event, data, origin);
      } catch (error) {
        onFailure(error);
      }
    }
  };
}

/** Whether the same was announced before, as in a flood: it is counted, and neither logged nor recorded. */
export function isRepetition(data: EventData): boolean {
  return data['isRepeated'] === true;
}
