/**
 * Keeps the thread of the client from sleeping while it waits. The server would have to wake a sleeping thread at
 * nearly every response, and a slower server more often; a client on another machine causes no such cost.
 */
export async function awake<Result>(work: () => Promise<Result>): Promise<Result> {
  let hasEnded = false;
  const turn = () => {
    if (!hasEnded) setImmediate(turn);
  };
  turn();
  try {
    return await work();
  } finally {
    hasEnded = true;
  }
}
