// Like `npm start`, but restarts when a source file changes.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = ['--watch-path=src', '--watch-preserve-output', 'bin/latchkey.js', 'serve'];
const child = spawn(process.execPath, words, { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (status) => process.exit(status ?? 1));
