/** A step of a guide: commands for a terminal, or a file and its whole content. */
export type GuideStep =
  | { readonly commands: readonly string[] }
  | { readonly path: string; readonly content: string };

export type Guide = {
  /** From an empty folder to the command that starts the development server, which is the last one. */
  readonly steps: readonly GuideStep[];
  /** How the application is built and started, from the section about production. */
  readonly production: readonly string[];
};

/** Reads a page of docs/library as its readers follow it. */
export function readGuide(markdown: string): Guide {
  const [beginning = '', ...sections] = markdown.split(/^## /m);
  const production = sections.find((section) => section.startsWith('Production')) ?? '';
  return {
    steps: blocksOf(beginning).map(({ language, before, text }) => {
      if (language === 'sh') return { commands: commandsIn(text) };
      const [, path] = /`([^`\s]+\.\w+)`/.exec(before) ?? [];
      if (path === undefined) throw new Error(`no path before the block: ${text}`);
      return { path, content: text };
    }),
    production: blocksOf(production)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => commandsIn(text)),
  };
}

/** The blocks of code, each with the text between it and the one before. */
function blocksOf(markdown: string) {
  let end = 0;
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
    ({ 0: block, 1: language = '', 2: text = '', index }) => {
      const before = markdown.slice(end, index).trim().split('\n').at(-1) ?? '';
      end = index + block.length;
      return { before, language, text };
    },
  );
}

function commandsIn(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\s+#.*/, ''))
    .filter((line) => line !== '');
}
