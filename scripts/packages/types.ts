import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

export type TypesBundle = {
  /** The folder of a declaration for each file of the source. */
  readonly declarations: string;
  readonly target: string;
  /** The files whose types an application can import, without `.ts`. */
  readonly entries: readonly string[];
};

/** Joins the types that an application can reach; those of the inside, and the packages that they name, are left out. */
export async function bundleTypes({ declarations, target, entries }: TypesBundle): Promise<void> {
  const types = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, join(declarations, `${entry}.d.ts`)])),
    external: /^[^./]/,
    checks: { bundlerTimings: false },
    // They are declarations already, so nothing has to be generated.
    plugins: [dts({ dtsInput: true, tsconfig: false, generator: 'oxc' })],
  });
  await types.write({ dir: target, format: 'es', chunkFileNames: 'types/[name]-[hash].js' });
  await types.close();
}
