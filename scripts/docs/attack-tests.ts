import { basename } from 'node:path';
import { isTest, readSources } from '../../tests/kit/sources.ts';

/** An id of an attack, a finding or a requirement, as test titles have it: `A15`, `I04`, `P27`, `V6.5.1`. */
const ID = /\b(?:[AIKNP]\d{2}|V\d+\.\d+\.\d+)\b/g;

/** A row of docs/attacks.md that lists tests: id, description, files. */
const ROW = /^\| (?<id>[A-Z]\d{2}|V[\d.]+) \| (?<meaning>[^|]+) \|[^|\n]*\|$/gm;

/** The names of the test files of each id, without folder, so that moving a file changes nothing. Comments do not count. */
export function attackTests(): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, Set<string>>();
  for (const { path, code } of readSources(['src', 'tests']).filter(({ path }) => isTest(path))) {
    const name = basename(path, '.test.ts');
    for (const id of code.match(ID) ?? []) files.set(id, (files.get(id) ?? new Set()).add(name));
  }
  return new Map([...files].map(([id, names]) => [id, [...names].toSorted()]));
}

/** Writes the test files of each listed id into the rows of docs/attacks.md. */
export function withAttackTests(document: string, tests: ReadonlyMap<string, readonly string[]>): string {
  return document.replace(ROW, (_row, id: string, meaning: string) => {
    const files = (tests.get(id) ?? []).map((name) => `\`${name}\``);
    return `| ${id} | ${meaning} | ${files.join(', ')} |`;
  });
}
