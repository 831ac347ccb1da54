import { serve as serveHere } from '../main.ts';
import type { Command } from './command.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'Serve the pages, after bringing the database up to date.',
  options: {},
  run: () => serveHere(process.env, process.cwd()),
};
