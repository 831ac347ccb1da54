/** Thrown when more work is waiting than will be done in time. The request ends with 503 and `Retry-After`. */
export class Overloaded extends Error {
  constructor() {
    super('more is waiting than can be done in time');
    this.name = 'Overloaded';
  }
}

export const OVERLOAD_RETRY_SECONDS = 2;

/** The priority of work: that of known clients, or of all others. */
export type Priority = 'known' | 'other';

/**
 * The key of work in the queue. The clients of one priority are served in turn, and so are the owners of each client, so that
 * a client with much work or with many owners delays no other.
 */
export type QueueKey = {
  readonly priority: Priority;
  /** The client network that it comes from; the owner if it is unknown. */
  readonly client?: string | null;
  /** What the work is about, such as a name or a client network; null is an owner of its own. */
  readonly owner: string | null;
};

/** Lets a few do their work at once, lets a few more wait, and turns the rest away at once. */
export type Admission = {
  /** Whether a line is full of as many clients as it has places, so that no other client finds one. */
  readonly isFull: (priority?: Priority) => boolean;
  /** How many do their work at the moment, and how many wait in line. */
  readonly load: () => { readonly running: number; readonly waiting: number };
  /** @throws {Overloaded} when the line is full, or when its place went to a client or an owner that had fewer */
  readonly run: <Result>(work: () => Promise<Result>, key?: QueueKey) => Promise<Result>;
};

/** Of one owner, more than this many never run at once. */
const MOST_OF_ONE_OWNER = 2;

/** While both lines wait, this many of known browsers run for each one of the others. */
const KNOWN_IN_A_ROW = 3;

const NO_KEY: QueueKey = { priority: 'other', owner: null };

/** Work without an owner has a symbol of its own. */
type Owner = string | symbol;
type Waiter = {
  readonly client: Owner;
  readonly owner: Owner;
  readonly start: () => void;
  readonly refuse: (error: Error) => void;
};

/** @param limits how many run at once, and how many more may wait in each line */
export function createAdmission(limits: { readonly atOnce: number; readonly waiting: number }): Admission {
  const mostOfOne = Math.min(MOST_OF_ONE_OWNER, Math.ceil(limits.atOnce / 2));
  const underWay = new Map<Owner, number>();
  const mayRun = (owner: Owner) => (underWay.get(owner) ?? 0) < mostOfOne;
  const queues: Readonly<Record<Priority, WaitingLine>> = {
    known: createWaitingLine(limits.waiting),
    other: createWaitingLine(limits.waiting),
  };
  let running = 0;
  let knownInARow = 0;

  const next = (): Waiter | null => {
    const isOthersTurn = knownInARow >= KNOWN_IN_A_ROW;
    const order = isOthersTurn ? (['other', 'known'] as const) : (['known', 'other'] as const);
    for (const priority of order) {
      const waiter = queues[priority].take(mayRun);
      if (waiter === null) continue;
      knownInARow = priority === 'known' && queues.other.count() > 0 ? knownInARow + 1 : 0;
      return waiter;
    }
    return null;
  };
  const begin = (owner: Owner) => {
    running += 1;
    underWay.set(owner, (underWay.get(owner) ?? 0) + 1);
  };
  const enter = (priority: Priority, client: Owner, owner: Owner): Promise<void> | undefined => {
    if (running < limits.atOnce && mayRun(owner)) {
      begin(owner);
      return undefined;
    }
    return new Promise((start, refuse) => queues[priority].add({ client, owner, start, refuse }));
  };
  // A slot that becomes free goes to the next waiter, so that no later client can take it.
  const leave = (owner: Owner) => {
    running -= 1;
    const left = (underWay.get(owner) ?? 1) - 1;
    if (left === 0) underWay.delete(owner);
    else underWay.set(owner, left);
    while (running < limits.atOnce) {
      const waiter = next();
      if (waiter === null) return;
      begin(waiter.owner);
      waiter.start();
    }
  };

  return {
    isFull: (priority = 'other') => running >= limits.atOnce && queues[priority].isFull(),
    load: () => ({ running, waiting: queues.known.count() + queues.other.count() }),
    run: async (work, key = NO_KEY) => {
      const owner = key.owner ?? Symbol('itself alone');
      await enter(key.priority, key.client ?? owner, owner);
      try {
        return await work();
      } finally {
        leave(owner);
      }
    },
  };
}

type WaitingLine = ReturnType<typeof createWaitingLine>;

/** What waits, by owner; the next one comes first. */
type Waiters = Map<Owner, Waiter[]>;

/**
 * A line in which clients take turns, and the owners of each client, each in the order of its own work.
 * @param places how many may wait in it
 */
function createWaitingLine(places: number) {
  const clients = new Map<Owner, Waiters>();
  let count = 0;
  const takeOut = (client: Owner, owner: Owner, end: 'first' | 'last'): Waiter | undefined => {
    const owners = clients.get(client);
    const waiters = owners?.get(owner);
    if (owners === undefined || waiters === undefined) return undefined;
    const waiter = end === 'first' ? waiters.shift() : waiters.pop();
    count -= 1;
    if (waiters.length === 0) owners.delete(owner);
    if (owners.size === 0) clients.delete(client);
    return waiter;
  };
  /** Makes room for a client at the cost of the one that has most, if that has two more at least; else among its owners. */
  const makeRoom = ({ client, owner }: Waiter): boolean => {
    const own = clients.get(client) ?? new Map<Owner, Waiter[]>();
    const most = longest(clients, sizeOf);
    const isOthers = most !== null && most.size >= sizeOf(own) + 2;
    const loser = isOthers ? most.key : client;
    const least = isOthers ? 1 : (own.get(owner)?.length ?? 0) + 2;
    const mostOfLoser = longest(clients.get(loser) ?? own, ({ length }) => length);
    if (mostOfLoser === null || mostOfLoser.size < least) return false;
    takeOut(loser, mostOfLoser.key, 'last')?.refuse(new Overloaded());
    return true;
  };
  return {
    count: () => count,
    isFull: () => count >= places && (longest(clients, sizeOf)?.size ?? 0) < 2,
    /** @throws {Overloaded} when it is full */
    add: (waiter: Waiter): void => {
      if (count >= places && !makeRoom(waiter)) throw new Overloaded();
      const owners: Waiters = clients.get(waiter.client) ?? new Map();
      const waiters = owners.get(waiter.owner) ?? [];
      waiters.push(waiter);
      owners.set(waiter.owner, waiters);
      clients.set(waiter.client, owners);
      count += 1;
    },
    /** The next one whose owner may run; null when there is none. */
    take: (mayRun: (owner: Owner) => boolean): Waiter | null => {
      for (const [client, owners] of clients) {
        for (const [owner] of owners) {
          if (!mayRun(owner)) continue;
          const waiter = takeOut(client, owner, 'first');
          moveToEnd(owners, owner);
          moveToEnd(clients, client);
          return waiter ?? null;
        }
      }
      return null;
    },
  };
}

/** The others come first. */
function moveToEnd<Value>(turns: Map<Owner, Value>, key: Owner): void {
  const value = turns.get(key);
  if (value === undefined) return;
  turns.delete(key);
  turns.set(key, value);
}

function sizeOf(owners: Waiters): number {
  return [...owners.values()].reduce((sum, { length }) => sum + length, 0);
}

/** Of several that are as long, the one whose turn comes last. */
function longest<Value>(turns: ReadonlyMap<Owner, Value>, size: (value: Value) => number) {
  let found: { readonly key: Owner; readonly size: number } | null = null;
  for (const [key, value] of turns)
    if (found === null || size(value) >= found.size) found = { key, size: size(value) };
  return found;
}
