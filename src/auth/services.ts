import type { Core } from './core.ts';

/** What one feature makes once and others call. */
export type Service<Value> = { readonly create: (core: Core, use: UseService) => Value };
export type UseService = <Value>(service: Service<Value>) => Value;

export type Needs = Readonly<Record<string, Service<unknown>>>;
export type Deps<N extends Needs> = {
  readonly [Name in keyof N]: N[Name] extends Service<infer Value> ? Value : never;
};

/** Declares a service; `needs` names the services that it calls itself. It is created once per system, on first use. */
export function defineService<Value, N extends Needs = Record<never, never>>(options: {
  readonly needs?: N;
  readonly create: (core: Core, deps: Deps<N>) => Value;
}): Service<Value> {
  return { create: (core, use) => options.create(core, resolveNeeds(options.needs, use)) };
}

// The one place where the values of services get the types of their definitions back.
export function resolveNeeds<N extends Needs>(needs: N | undefined, use: UseService): Deps<N> {
  const entries = Object.entries(needs ?? {}).map(([name, service]) => [name, use(service)]);
  return Object.fromEntries(entries) as Deps<N>;
}
