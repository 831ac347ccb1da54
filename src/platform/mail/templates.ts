import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MailName } from '../../auth/mail/message.ts';
import { type MailValues, mailNames, placeholdersOf } from '../../auth/mail/values.ts';
import type { RenderedMail } from './render.ts';

/** The parts of mails that whoever runs the site has written anew; what is not there is as built in. */
export type MailTemplates = ReadonlyMap<MailName, Partial<RenderedMail>>;

export type TemplatesReading =
  | { readonly valid: true; readonly templates: MailTemplates }
  | { readonly valid: false; readonly problem: string };

const ENDINGS = { '.subject.txt': 'subject', '.html': 'html', '.txt': 'text' } as const;
type Part = (typeof ENDINGS)[keyof typeof ENDINGS];

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Reads a folder of templates. What is no template, or asks for what its mail does not know, is a problem. */
export function readMailTemplates(folder: string): TemplatesReading {
  const templates = new Map<MailName, Partial<RenderedMail>>();
  for (const file of filesIn(folder) ?? []) {
    const target = targetOf(file);
    if (target === null)
      return problem(`has the file ${file}, which is for no mail; the mails are ${mailNames.join(', ')}`);
    const text = textIn(join(folder, file));
    if (text === null) return problem(`has the file ${file}, which cannot be read`);
    const unknown = unknownPlaceholder(target.name, text);
    if (unknown !== null)
      return problem(`has {{${unknown}}} in ${file}; there are ${placeholdersOf(target.name).join(', ')}`);
    templates.set(target.name, { ...templates.get(target.name), [target.part]: text });
  }
  if (templates.size > 0) return { valid: true, templates };
  return problem(
    'names a folder that cannot be read or is empty; give one with files such as password-changed.txt',
  );
}

/** Fills templates with the values of a mail. In HTML they are escaped; a subject is one line. */
export function filled(template: Partial<RenderedMail>, values: MailValues): Partial<RenderedMail> {
  const { subject, text, html } = template;
  return {
    ...(subject !== undefined && { subject: fill(subject, values, String).trim().replaceAll(/\s+/g, ' ') }),
    ...(text !== undefined && { text: fill(text, values, String) }),
    ...(html !== undefined && { html: fill(html, values, escaped) }),
  };
}

function fill(template: string, values: MailValues, write: (value: string) => string): string {
  const byName: Readonly<Record<string, string>> = values;
  return template.replaceAll(PLACEHOLDER, (_, name: string) => write(byName[name] ?? ''));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

function targetOf(file: string): { readonly name: MailName; readonly part: Part } | null {
  for (const [ending, part] of Object.entries(ENDINGS)) {
    const name = mailNames.find((one) => file === `${one}${ending}`);
    if (name !== undefined) return { name, part };
  }
  return null;
}

function unknownPlaceholder(name: MailName, text: string): string | null {
  const known = placeholdersOf(name);
  const found = [...text.matchAll(PLACEHOLDER)].map(([, placeholder = '']) => placeholder);
  return found.find((placeholder) => !known.includes(placeholder)) ?? null;
}

// Files whose name begins with a dot are left behind by editors and by systems.
function filesIn(folder: string): readonly string[] | null {
  try {
    return readdirSync(folder).filter((file) => !file.startsWith('.'));
  } catch {
    return null;
  }
}

function textIn(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function problem(text: string): TemplatesReading {
  return { valid: false, problem: text };
}
