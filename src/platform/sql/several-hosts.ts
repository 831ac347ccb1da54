/**
 * Connects to the host that answered last, else to the next one that answers.
 * @param connects one function for each host, in the order of the URL
 * @param isElsewhere whether another host may do better after this error
 */
export function firstThatAnswers<Connection>(
  connects: readonly (() => Promise<Connection>)[],
  isElsewhere: (error: unknown) => boolean,
): () => Promise<Connection> {
  let current = 0;
  return async () => {
    for (let attempt = 1; ; attempt += 1) {
      const tried = current;
      try {
        return await pick(connects, tried)();
      } catch (error) {
        if (!isElsewhere(error)) throw error;
        // Another request may have tried the next one already.
        if (current === tried) current = (tried + 1) % connects.length;
        if (attempt >= connects.length) throw error;
      }
    }
  };
}

function pick<Value>(values: readonly Value[], index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError('there is no host of this number');
  return value;
}
