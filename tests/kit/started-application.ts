import assert from 'node:assert/strict';
import { until } from './clock.ts';
import { type ProcessResult, startProgram } from './processes.ts';
import { ADA, createVisitor } from './visitor.ts';

/** A command that starts an application of notes, as a document gives it. */
export type StartedApplication = {
  readonly folder: string;
  readonly command: string;
  readonly port: number;
  readonly environment: NodeJS.ProcessEnv;
  /** Where the pages of Latchkey are. */
  readonly basePath: string;
};

/** Starts an application, and is led from its guarded page to the registration and the sign-in page and back. */
export async function assertSignsIn(application: StartedApplication): Promise<void> {
  const { folder, command, port, environment, basePath } = application;
  const options = { folder, environment, command: 'sh', isGroup: true };
  await using program = startProgram(['-c', command], options);
  const ada = createVisitor(fetch, `http://localhost:${port}`);
  let ending: ProcessResult | undefined;
  program.ended.then((result) => {
    ending = result;
  });
  await until('it listens', () => {
    if (ending !== undefined) assert.fail(`${command}: ${ending.stdout}${ending.stderr}`);
    return isListening(port);
  });
  const away = await ada.get('/notes');
  assert.deepEqual([away.status, away.location], [303, `${basePath}/login?next=%2Fnotes`], away.body);
  assert.equal((await ada.submit(`${basePath}/register`, ADA)).status, 303);
  const signIn = await ada.submit(`${basePath}/login`, { ...ADA, next: '/notes' });
  assert.deepEqual([signIn.status, signIn.location], [303, '/notes'], signIn.body);
  assert.match((await ada.get('/notes')).body.replaceAll(/<!--.*?-->/g, ''), /Notes of Ada/);
}

// The first request of a development server may find it busy.
async function isListening(port: number): Promise<boolean> {
  return fetch(`http://localhost:${port}/`).then(
    ({ status }) => status < 500,
    () => false,
  );
}
