/**
 * Keeps the client's thread from sleeping while it waits. One that sleeps must be woken by the server at nearly
 * every answer, and the slower the server the more often; a client on another machine costs it no such thing.
 */
export async function awake<Result>(work: () => Promise<Result>): Promise<Result> {
  let isOver = false;
  const turn = () => {
    if (!isOver) setImmediate(turn);
  };
  turn();
  try {
    return await work();
  } finally {
    isOver = true;
  }
}
