import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { askForWord } from './ask.ts';

describe('a question at the terminal', () => {
  it('is shown, and answered by the line that is typed', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const answer = askForWord('Type the username to go on: ', { input, output });
    input.write(' Ada \n');
    assert.equal(await answer, 'Ada');
    assert.equal(String(output.read()), 'Type the username to go on: ');
  });

  it('is answered by nothing when the input ends', async () => {
    const input = new PassThrough();
    const answer = askForWord('Go on? ', { input, output: new PassThrough() });
    input.end();
    assert.equal(await answer, '');
  });
});
