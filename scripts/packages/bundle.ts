import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';

export type Bundle = {
  readonly source: string;
  readonly target: string;
  /** Files of the source whose path does not change, without `.ts`. */
  readonly entries: readonly string[];
  /** Packages that an application installs with this one; others are included. */
  readonly external: readonly string[];
};

/** The folder of the result in the code of a module, until it is known which file the code is in. */
const TARGET_FOLDER = 'target-folder:';

/**
 * Joins the modules of the source, and those of the packages that are included: what an entry alone needs is in its file,
 * what several need is in `chunks/`. docs/decisions/015-joined-modules.md says why.
 */
export async function bundle({ source, target, entries, external }: Bundle): Promise<void> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: dirname(source),
    entryPoints: entries.map((entry) => join(source, `${entry}.ts`)),
    outbase: source,
    outdir: target,
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    platform: 'node',
    // The oldest version in `engines` of package.json.
    target: 'node22.16',
    format: 'esm',
    external: external.flatMap((name) => [name, `${name}/*`]),
    chunkNames: 'chunks/[name]-[hash]',
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [ownUrls(source)],
  });
  for (const { path, text } of outputFiles) {
    const up = relative(dirname(path), target).split(sep).join('/');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.replaceAll(TARGET_FOLDER, up === '' ? './' : `${up}/`));
  }
  const licences = includedPackages(Object.keys(metafile.inputs)).map(
    (folder) => `${folder.split('node_modules/').at(-1)}\n\n${readLicence(join(dirname(source), folder))}`,
  );
  writeFileSync(join(target, 'LICENSES.txt'), licences.join('\n\n'));
}

/**
 * Lets a module find the files beside it, and the threads that it starts: their paths are those of the source, whichever
 * file the module is joined into.
 */
function ownUrls(source: string): Plugin {
  return {
    name: 'own-urls',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        const file = relative(source, path).split(sep).join('/').replace(/\.ts$/, '.js');
        const url = `new URL('${TARGET_FOLDER}${file}', import.meta.url).href`;
        return { contents: text.replaceAll(/\bimport\.meta\.url\b/g, url), loader: 'ts' };
      });
    },
  };
}

/** The folders of the packages that these files are of. */
function includedPackages(files: readonly string[]): readonly string[] {
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders)].filter((folder) => folder !== undefined).sort();
}

function readLicence(folder: string): string {
  return readFileSync(join(folder, 'LICENSE'), 'utf8').trim();
}
