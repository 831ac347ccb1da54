import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Plugin, transform } from 'esbuild';

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
    plugins: [prepared(source)],
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
 * Takes comments out, which are in the source maps: Kysely has more of them than code, and V8 keeps the whole text of a
 * module in memory, in twice the space if it has a character beyond Latin-1. And lets a module find the files beside it,
 * and the threads that it starts: their paths are those of the source, whichever file the module is joined into.
 */
function prepared(source: string): Plugin {
  return {
    name: 'prepared',
    setup({ onLoad }) {
      onLoad({ filter: /\.[jt]s$/ }, async ({ path }) => {
        const text = readFileSync(path, 'utf8');
        const file = relative(source, path).split(sep).join('/').replace(/\.ts$/, '.js');
        const url = `new URL('${TARGET_FOLDER}${file}', import.meta.url).href`;
        const { code } = await transform(
          file.startsWith('..') ? text : text.replaceAll(/\bimport\.meta\.url\b/g, url),
          {
            loader: path.endsWith('.ts') ? 'ts' : 'js',
            tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
            minifyWhitespace: true,
            sourcemap: 'inline',
            sourcefile: path,
          },
        );
        return { contents: code, loader: 'js' };
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
