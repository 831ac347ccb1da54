import { type Engine, engines } from './databases.ts';
import { startSystem, type TestOptions, type TestSystem } from './system.ts';
import { createVisitor, type Visitor } from './visitor.ts';

/** The engines that several nodes can share. */
export const sharedEngines: readonly Engine[] = engines.filter(({ name }) => name !== 'SQLite');

/** Two nodes on one database, with one secret. */
export type TwoNodes = AsyncDisposable & {
  readonly one: TestSystem;
  readonly other: TestSystem;
  /** A browser that asks now one node, now the other. The first request of each new one goes to the other, too. */
  readonly visitor: () => Visitor;
};

export async function startTwoNodes(engine: Engine, options: TestOptions = {}): Promise<TwoNodes> {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await engine.create());
  const shared: Engine = {
    name: engine.name,
    create: async () => ({ url, [Symbol.asyncDispose]: async () => {} }),
  };
  const one = stack.use(await startSystem(options, shared));
  const other = stack.use(await startSystem(options, shared));
  const kept = stack.move();
  let visitors = 0;
  return {
    one,
    other,
    visitor: () => {
      let requests = visitors++;
      return createVisitor((request) => (requests++ % 2 === 0 ? one : other).fetch(request), one.origin);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The same browser at another node: it has the same cookies from now on, until one of them gets others. */
export function follow(visitor: Visitor, node: TestSystem): Visitor {
  const there = node.visitor();
  for (const [name, value] of visitor.cookies) there.cookies.set(name, value);
  return there;
}
