import type { Core } from '../auth/core.ts';
import type { Feature, FeatureDefinition } from '../auth/feature.ts';
import type { Service, UseService } from '../auth/services.ts';
import type { Positioned, Slots } from '../auth/slots.ts';
import type { SettingDefinitions } from '../platform/settings/index.ts';
import type { Migration } from '../platform/sql/index.ts';

/**
 * Sorts by explicit numbers, because the order of the list of features means nothing.
 * @param refuse what to say when two items have the same number
 */
function sorted<Item>(
  items: readonly Item[],
  numberOf: (item: Item) => number,
  refuse: (one: Item, other: Item) => string,
): readonly Item[] {
  const inOrder = items.toSorted((a, b) => numberOf(a) - numberOf(b));
  inOrder.forEach((item, index) => {
    const next = inOrder[index + 1];
    if (next !== undefined && numberOf(next) === numberOf(item)) throw new Error(refuse(item, next));
  });
  return inOrder;
}

/** Sorts the items of a slot by their positions. */
function positioned<Item extends Positioned<{ readonly path: string } | { readonly name: string }>>(
  slot: string,
  items: readonly Item[],
): readonly Item[] {
  const nameOf = (item: Item) => ('path' in item ? item.path : item.name);
  const position = (item: Item) => item.position;
  return sorted(
    items,
    position,
    (one, other) => `${slot}: ${nameOf(one)} and ${nameOf(other)} both have the position ${one.position}`,
  );
}

/** Collects what features fill slots with. @throws {Error} when two items of a slot have the same position */
export function collectSlots(features: readonly Feature[]): Slots {
  return {
    signInRules: {
      methods: features.flatMap(({ signInMethods = [] }) => signInMethods),
      steps: positioned(
        'signInSteps',
        features.flatMap(({ signInSteps = [] }) => signInSteps),
      ),
      browserFacts: features.flatMap(({ browserFacts = [] }) => browserFacts),
      afterSignIn: features.flatMap(({ afterSignIn = [] }) => afterSignIn),
    },
    secondFactors: positioned(
      'secondFactors',
      features.flatMap(({ secondFactors = [] }) => secondFactors),
    ),
    sessionRules: features.flatMap(({ sessionRules = [] }) => sessionRules),
    signInButtons: features.flatMap(({ signInButtons = [] }) => signInButtons),
    reauthenticationButtons: async (accountId) => {
      const asked = features.map(
        async ({ reauthenticationButtons }) => (await reauthenticationButtons?.(accountId)) ?? [],
      );
      return (await Promise.all(asked)).flat();
    },
    signInLinks: positioned(
      'signInLinks',
      features.flatMap(({ signInLinks = [] }) => signInLinks),
    ),
    accountPanels: positioned(
      'accountPanels',
      features.flatMap(({ accountPanels = [] }) => accountPanels),
    ),
    banners: features.flatMap(({ banners = [] }) => banners),
    personalData: features.flatMap(({ personalData = [] }) => personalData),
    expiring: features.flatMap(({ expiring = [] }) => expiring),
    routePaths: features.flatMap(({ routes }) => routes.map(({ path }) => path)),
    afterPasswordDisabled: (context, accountId) => {
      for (const feature of features) feature.afterPasswordDisabled?.(context, accountId);
    },
  };
}

/** The settings of several features in one record. */
type SettingsOfAll<Features extends readonly FeatureDefinition[]> =
  Intersection<NonNullable<Features[number]['settings']>> extends infer All extends SettingDefinitions
    ? All
    : never;

// A union in the position of a parameter becomes an intersection.
type Intersection<Union> = (Union extends unknown ? (value: Union) => void : never) extends (
  value: infer Whole,
) => void
  ? Whole
  : never;

export function collectSettings<const Features extends readonly FeatureDefinition[]>(
  features: Features,
): SettingsOfAll<Features> {
  return Object.assign({}, ...features.map(({ settings }) => settings));
}

/**
 * Collects definitions of one kind, each under its name.
 * @throws {Error} when two have the same name
 */
export function collectDefinitions<Definition extends { readonly name: string }>(
  records: readonly (Readonly<Record<string, Definition>> | undefined)[],
): ReadonlyMap<string, Definition> {
  const all = new Map<string, Definition>();
  for (const definition of records.flatMap((record) => Object.values(record ?? {}))) {
    if (all.has(definition.name)) throw new Error(`two definitions have the name ${definition.name}`);
    all.set(definition.name, definition);
  }
  return all;
}

/**
 * Puts the steps of the schema in order.
 * @throws {Error} when two have the same number; it names the next free one
 */
export function collectMigrations(steps: readonly Migration[]): readonly Migration[] {
  const next = Math.max(...steps.map(({ number }) => number)) + 1;
  return sorted(
    steps,
    ({ number }) => number,
    ({ number }) => `two migrations have the number ${number}; the next free one is ${next}`,
  );
}

/** A value that is used instead of what a service would create. */
export type GivenService = readonly [Service<unknown>, unknown];

export function giveService<Value>(service: Service<Value>, value: Value): GivenService {
  return [service, value];
}

/** Creates services on first use, each once. */
export function createServices(core: Core, given: readonly GivenService[] = []): UseService {
  const values = new Map<Service<unknown>, unknown>(given);
  const use: UseService = <Value>(service: Service<Value>) => {
    if (!values.has(service)) values.set(service, service.create(core, use));
    return values.get(service) as Value;
  };
  return use;
}
