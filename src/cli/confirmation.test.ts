import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { accountId } from '../../tests/kit/ids.ts';
import { confirmDeletion } from './confirmation.ts';

const ADA = {
  id: accountId('00000000-0000-7000-8000-000000000000'),
  username: 'Ada',
  email: null,
  emailVerifiedAt: null,
  createdAt: 0,
  disabledAt: null,
  deleteAt: null,
};

/** A terminal at which this text is typed and the input then perhaps ends. */
function terminalWith(text: string, isEnded = false) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  input.write(text);
  if (isEnded) input.end();
  return { input, output: new PassThrough() };
}

describe('the confirmation of a deletion at a terminal', () => {
  it('names the account and accepts its username', async () => {
    const terminal = terminalWith(' Ada \n');
    await confirmDeletion(ADA, terminal);
    assert.match(String(terminal.output.read()), /This deletes Ada \(0{8}-.*\) for good\. Type the username/);
  });

  it('rejects any other input', async () => {
    for (const terminal of [
      terminalWith('ada\n'),
      terminalWith('y\n'),
      terminalWith('\n'),
      terminalWith('', true),
    ])
      await assert.rejects(confirmDeletion(ADA, terminal), /^CommandError: Nothing was deleted$/);
  });

  it('is refused where the input is no terminal', async () => {
    const terminal = { input: new PassThrough(), output: new PassThrough() };
    await assert.rejects(confirmDeletion(ADA, terminal), /^UsageError: This would delete Ada .* give --yes$/);
  });
});
