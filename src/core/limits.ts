/** Thrown when more work is waiting than will be done in time. The request ends with 503 and `Retry-After`. */
export class Overloaded extends Error {
  constructor() {
    super('more is waiting than can be done in time');
    this.name = 'Overloaded';
  }
}

export const OVERLOAD_RETRY_SECONDS = 2;

/** Where work waits: among the browsers that the account knows, or among all others. */
export type Line = 'known' | 'everybody';

/** Whose work it is. The owners in a line take turns, so that one with much work delays no other. */
export type Turn = {
  readonly line: Line;
  /** An account, a name or a client network; null stands for itself alone. */
  readonly owner: string | null;
};

/** Lets a few do their work at once, lets a few more wait, and turns the rest away at once. */
export type Admission = {
  /** Whether a line is full of as many owners as it has places, so that no other owner finds one. */
  readonly isFull: (line?: Line) => boolean;
  /** How many do their work at the moment, and how many wait in line. */
  readonly load: () => { readonly running: number; readonly waiting: number };
  /** @throws {Overloaded} when the line is full, or when its place went to an owner that had fewer */
  readonly run: <Result>(work: () => Promise<Result>, turn?: Turn) => Promise<Result>;
};

/** Of one owner, more than this many never run at once. */
const MOST_OF_ONE_OWNER = 2;

/** While both lines wait, this many of known browsers run for each one of the others. */
const KNOWN_IN_A_ROW = 3;

const ANYBODY: Turn = { line: 'everybody', owner: null };

/** Null stands for itself alone, so each such work has a key of its own. */
type Owner = string | symbol;
type Waiter = { readonly owner: Owner; readonly start: () => void; readonly refuse: (error: Error) => void };

/** @param limits how many run at once, and how many more may wait in each line */
export function createAdmission(limits: { readonly atOnce: number; readonly waiting: number }): Admission {
  const mostOfOne = Math.min(MOST_OF_ONE_OWNER, Math.ceil(limits.atOnce / 2));
  const underWay = new Map<Owner, number>();
  const mayRun = (owner: Owner) => (underWay.get(owner) ?? 0) < mostOfOne;
  const lines: Readonly<Record<Line, WaitingLine>> = {
    known: createWaitingLine(limits.waiting),
    everybody: createWaitingLine(limits.waiting),
  };
  let running = 0;
  let knownInARow = 0;

  const next = (): Waiter | null => {
    const isOthersTurn = knownInARow >= KNOWN_IN_A_ROW;
    const order = isOthersTurn ? (['everybody', 'known'] as const) : (['known', 'everybody'] as const);
    for (const line of order) {
      const waiter = lines[line].take(mayRun);
      if (waiter === null) continue;
      knownInARow = line === 'known' && lines.everybody.count() > 0 ? knownInARow + 1 : 0;
      return waiter;
    }
    return null;
  };
  const begin = (owner: Owner) => {
    running += 1;
    underWay.set(owner, (underWay.get(owner) ?? 0) + 1);
  };
  const enter = (line: Line, owner: Owner): Promise<void> | undefined => {
    if (running < limits.atOnce && mayRun(owner)) {
      begin(owner);
      return undefined;
    }
    return new Promise((start, refuse) => lines[line].add({ owner, start, refuse }));
  };
  // A place that comes free goes straight to the next in line, so no newcomer can slip in between.
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
    isFull: (line = 'everybody') => running >= limits.atOnce && lines[line].isFull(),
    load: () => ({ running, waiting: lines.known.count() + lines.everybody.count() }),
    run: async (work, turn = ANYBODY) => {
      const owner = turn.owner ?? Symbol('itself alone');
      await enter(turn.line, owner);
      try {
        return await work();
      } finally {
        leave(owner);
      }
    },
  };
}

type WaitingLine = ReturnType<typeof createWaitingLine>;

/** A line in which owners take turns, each in the order of its own work. @param places how many may wait in it */
function createWaitingLine(places: number) {
  // The owner whose turn is next stands first.
  const owners = new Map<Owner, Waiter[]>();
  let count = 0;
  const leaveOut = (owner: Owner, waiters: Waiter[]) => {
    count -= 1;
    if (waiters.length === 0) owners.delete(owner);
  };
  const longest = (): readonly [Owner, Waiter[]] | null => {
    let found: readonly [Owner, Waiter[]] | null = null;
    for (const entry of owners) if (found === null || entry[1].length > found[1].length) found = entry;
    return found;
  };
  /** Makes room for an owner at the cost of the one that has most, if that has two more at least. */
  const makeRoom = (owner: Owner): boolean => {
    const most = longest();
    if (most === null || most[1].length < (owners.get(owner)?.length ?? 0) + 2) return false;
    const last = most[1].pop();
    leaveOut(...most);
    last?.refuse(new Overloaded());
    return true;
  };
  return {
    count: () => count,
    isFull: () => count >= places && (longest()?.[1].length ?? 0) < 2,
    /** @throws {Overloaded} when it is full */
    add: (waiter: Waiter): void => {
      if (count >= places && !makeRoom(waiter.owner)) throw new Overloaded();
      const waiters = owners.get(waiter.owner) ?? [];
      waiters.push(waiter);
      owners.set(waiter.owner, waiters);
      count += 1;
    },
    /** The next one whose owner may run; null when there is none. */
    take: (mayRun: (owner: Owner) => boolean): Waiter | null => {
      for (const [owner, waiters] of owners) {
        if (!mayRun(owner)) continue;
        const waiter = waiters.shift();
        // To the end: the other owners come first.
        owners.delete(owner);
        if (waiters.length > 0) owners.set(owner, waiters);
        count -= 1;
        return waiter ?? null;
      }
      return null;
    },
  };
}
