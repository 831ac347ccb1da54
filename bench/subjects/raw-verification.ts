// Only Argon2id: verifies one password again and again, with as many verifications at once as there are cores.
import { availableParallelism, setPriority } from 'node:os';
import { verify } from '@node-rs/argon2';
import { z } from 'zod';

const order = z.object({ hash: z.string(), password: z.string(), milliseconds: z.number() });

// The same priority as the hashing threads of the server, so that other processes take as much from both.
if (process.platform === 'linux') setPriority(0, 19);

// This process only waits for orders.
process.channel?.ref();
process.on('message', (message) => {
  const parsed = order.safeParse(message);
  if (parsed.success) void run(parsed.data);
});

async function run({ hash, password, milliseconds }: z.infer<typeof order>): Promise<void> {
  const start = performance.now();
  let count = 0;
  const repeat = async () => {
    while (performance.now() - start < milliseconds) {
      if (!(await verify(hash, password))) throw new Error('the password should have been right');
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, repeat));
  process.send?.({ count, milliseconds: performance.now() - start });
}
