import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';

export type NewProject = {
  /** The folder of the template. */
  readonly template: string;
  /** Where the project is created. */
  readonly folder: string;
};

export type Creation =
  | { readonly ok: true /** The command that starts the application. */; readonly start: string }
  | { readonly ok: false; readonly reason: keyof typeof REFUSALS };

/** Why no project is created, after the name of the folder. */
export const REFUSALS = {
  'not-empty': 'is not empty; give the name of a new folder',
  'not-a-folder': 'is a file; give the name of a new folder',
} as const;

/** Copies a template into a new or empty folder, whose name becomes that of the package. */
export function createProject({ template, folder }: NewProject): Creation {
  const target = resolve(folder);
  if (existsSync(target)) {
    if (!statSync(target).isDirectory()) return { ok: false, reason: 'not-a-folder' };
    // A repository that was created first is no content.
    if (readdirSync(target).some((name) => name !== '.git')) return { ok: false, reason: 'not-empty' };
  }
  mkdirSync(target, { recursive: true });
  cpSync(template, target, { recursive: true, force: false, errorOnExist: true });
  // npm leaves files named .gitignore out of packages.
  renameSync(join(target, 'gitignore'), join(target, '.gitignore'));
  const manifest = join(target, 'package.json');
  const content: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(manifest, 'utf8'),
  );
  const named = { ...content, name: packageName(basename(target)) };
  writeFileSync(manifest, `${JSON.stringify(named, null, 2)}\n`);
  return { ok: true, start: content.scripts['dev'] === undefined ? 'npm start' : 'npm run dev' };
}

/** The name of a folder in the letters that npm accepts for a package. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._~-]+/g, '-')
    .replace(/^[._-]+/, '')
    .replace(/-+$/, '');
  return name === '' ? 'application' : name.slice(0, 214);
}
