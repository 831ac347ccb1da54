import { type Letter, type Link, mailWords } from '../../auth/mail/words.ts';

/** RFC 5322 §2.1.1 allows 78 characters; a quoted answer adds a few. */
const WIDTH = 72;

/** A mail as plain text, for people. */
export function textPart(letter: Letter, siteName: string): string {
  const { username, lead, action, code, limits, facts, advice, help } = letter;
  const blocks = [
    mailWords.greeting(username),
    ...lead,
    ...(action === null ? [] : [linkText(action)]),
    ...(code === null ? [] : [`${code.before}\n\n    ${code.code}`]),
    ...(limits === null ? [] : [limits]),
    ...(facts.length === 0 ? [] : [facts.map(([term, value]) => `${term}: ${value}`).join('\n')]),
    ...advice,
    ...(help === null ? [] : [linkText(help)]),
    `-- \n${mailWords.footer(siteName)}`,
  ];
  return `${blocks.map(wrapped).join('\n\n')}\n`;
}

// On a line of its own, which nothing breaks.
function linkText({ label, address }: Link): string {
  return `${label}:\n${address}`;
}

function wrapped(block: string): string {
  return block.split('\n').map(wrappedLine).join('\n');
}

function wrappedLine(text: string): string {
  const lines = [''];
  // A single space stays as it is, and so does what stands before a code.
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    const current = lines.at(-1) ?? '';
    if (current === '') lines[lines.length - 1] = word;
    else if (current.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${current} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
