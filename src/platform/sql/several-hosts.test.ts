import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstThatAnswers } from './several-hosts.ts';

class Away extends Error {}

/** Hosts by whether they answer, and which of them were asked. */
function hostsThat(answers: boolean[]) {
  const asked: number[] = [];
  const connects = answers.map((_, index) => async () => {
    asked.push(index);
    if (answers[index] !== true) throw new Away(`${index}`);
    return index;
  });
  const connect = firstThatAnswers(connects, (error) => error instanceof Away);
  return { answers, asked, connect };
}

describe('several hosts', () => {
  it('are tried in their order, and the one that answered stays the first', async () => {
    const { answers, asked, connect } = hostsThat([false, false, true]);
    assert.equal(await connect(), 2);
    assert.deepEqual(asked.splice(0), [0, 1, 2]);
    answers[0] = true;
    assert.equal(await connect(), 2);
    assert.deepEqual(asked.splice(0), [2]);
    answers[2] = false;
    assert.equal(await connect(), 0, 'after the last comes the first');
  });

  it('are each tried once, also by requests at the same time, and the last error is reported', async () => {
    const { asked, connect } = hostsThat([false, false]);
    const results = await Promise.allSettled([connect(), connect()]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(asked.length, 4);
  });

  it('are not changed for an error that another host would answer with, too', async () => {
    const wrongPassword = new Error('wrong password');
    const second = async () => assert.fail('was asked');
    const connect = firstThatAnswers<never>([() => Promise.reject(wrongPassword), second], () => false);
    await assert.rejects(connect(), wrongPassword);
    await assert.rejects(connect(), wrongPassword);
  });
});
