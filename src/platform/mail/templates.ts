import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { html } from 'hono/html';
import { resultOrNull } from '../runtime/index.ts';
import type { EmailDefinition, RenderedMail } from './email.ts';

/** The folder of the operator's templates: the text of each file, null if it cannot be read. */
export type MailTemplates = {
  readonly folder: string;
  readonly files: ReadonlyMap<string, string | null>;
};

const ENDINGS = ['.subject.txt', '.html', '.txt'] as const;

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/;

/** Reads a folder of templates; null if it cannot be read or is empty. */
export function readMailTemplates(folder: string): MailTemplates | null {
  // Files whose name begins with a dot come from editors and operating systems.
  const names = (resultOrNull(() => readdirSync(folder)) ?? []).filter((file) => !file.startsWith('.'));
  const textOf = (file: string) => resultOrNull(() => readFileSync(join(folder, file), 'utf8'));
  const files = new Map(names.map((file) => [file, textOf(file)]));
  return files.size === 0 ? null : { folder, files };
}

/** The first fault of the templates: a file for an unknown mail, or a placeholder that its mail does not have. */
export function templateFault(
  { files }: MailTemplates,
  emails: readonly Pick<EmailDefinition<never>, 'name' | 'placeholders'>[],
): string | null {
  for (const [file, text] of files) {
    const email = emails.find(({ name }) => ENDINGS.some((ending) => file === `${name}${ending}`));
    if (email === undefined) {
      const names = emails.map(({ name }) => name);
      return `has the file ${file}, which is for no mail; the mails are ${names.join(', ')}`;
    }
    if (text === null) return `has the file ${file}, which cannot be read`;
    const unknown = placeholdersIn(text).find((placeholder) => !email.placeholders.includes(placeholder));
    if (unknown !== undefined)
      return `has {{${unknown}}} in ${file}; there are ${email.placeholders.join(', ')}`;
  }
  return null;
}

/** Fills the templates of a mail with its values. In HTML they are escaped; a subject is one line. */
export async function fillTemplates(
  templates: MailTemplates | null,
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<Partial<RenderedMail>> {
  const template = (ending: (typeof ENDINGS)[number]) => templates?.files.get(`${name}${ending}`) ?? null;
  const [subject, text, page] = [template('.subject.txt'), template('.txt'), template('.html')];
  return {
    ...(subject !== null && { subject: filled(subject, values).trim().replaceAll(/\s+/g, ' ') }),
    ...(text !== null && { text: filled(text, values) }),
    ...(page !== null && { html: await filledHtml(page, values) }),
  };
}

function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template
    .split(PLACEHOLDER)
    .map((piece, position) => (isPlaceholder(position) ? (values[piece] ?? '') : piece))
    .join('');
}

async function filledHtml(template: string, values: Readonly<Record<string, string>>): Promise<string> {
  const literals = template.split(PLACEHOLDER).filter((_, position) => !isPlaceholder(position));
  const written = placeholdersIn(template).map((placeholder) => values[placeholder] ?? '');
  return String(await html(Object.assign(literals, { raw: literals }), ...written));
}

function placeholdersIn(template: string): readonly string[] {
  return template.split(PLACEHOLDER).filter((_, position) => isPlaceholder(position));
}

// A split by a pattern with one group alternates between what is around the matches and the group.
function isPlaceholder(position: number): boolean {
  return position % 2 === 1;
}
