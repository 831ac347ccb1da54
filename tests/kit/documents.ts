import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The project's documents, by their paths from its root. */
export function documents(): readonly string[] {
  return globSync(['*.md', 'docs/**/*.md'], { cwd: root });
}

export function readDocument(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The files that a document shows, by the names in their first lines. */
export function samplesIn(path: string): ReadonlyMap<string, string> {
  const samples = readDocument(path).matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms);
  return new Map([...samples].map(([, name = '', content = '']) => [name, content]));
}

/** The links of a document to missing files, or to missing headings of existing files. */
export function brokenLinks(path: string): readonly string[] {
  const prose = readDocument(path).replace(/^```.*?^```$/gms, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^https?:/.test(target) && !isValidLink(path, target));
}

function isValidLink(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(root, from) : join(root, dirname(from), path);
  // A link out of the project would be broken in a clone.
  if (!existsSync(file) || relative(root, file).startsWith('..')) return false;
  return anchor === undefined || anchors(readFileSync(file, 'utf8')).includes(anchor);
}

/** The headings as GitHub names them in URLs. */
function anchors(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The first cells of the rows of the table below a heading, without backticks. */
export function firstCells(text: string, heading: string): readonly string[] {
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const [own = ''] = section.split(/^## /m);
  const rows = own.split('\n').filter((line) => line.startsWith('| '));
  // The first two lines are the head of the table and the rule below it.
  return rows.slice(2).map((row) => (row.split('|')[1] ?? '').trim().replaceAll('`', ''));
}
