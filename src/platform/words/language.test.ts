import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseLanguage, defineLanguage, defineWords, english, translate, untranslated } from './language.ts';

const greeting = defineWords({ hello: 'Hello', count: (number: number) => `${number} messages` });
const farewell = defineWords({ bye: 'Goodbye' });
const german = defineLanguage('de', [
  translate({ greeting }, { greeting: { hello: 'Hallo', count: (number) => `${number} Nachrichten` } }),
]);

describe('the words of a feature', () => {
  it('are given in the language that was asked for', () => {
    assert.equal(german.words(greeting).hello, 'Hallo');
    assert.equal(german.words(greeting).count(2), '2 Nachrichten');
    assert.equal(english.words(greeting).hello, 'Hello');
  });

  it('are missing in a language that does not translate their file', () => {
    assert.deepEqual(untranslated(german, { one: { greeting }, two: { greeting, farewell } }), ['two']);
    assert.deepEqual(untranslated(english, {}), []);
  });
});

describe('the language of a request', () => {
  const languages = [english, german] as const;
  const chosen = (accepted: string | null) => chooseLanguage([...languages], accepted).tag;

  it('is the one that the browser prefers among those that there are', () => {
    assert.equal(chosen('de-AT, en;q=0.5'), 'de');
    assert.equal(chosen('fr, en;q=0.4, de;q=0.8'), 'de');
    assert.equal(chosen('de;q=0, en'), 'en');
  });

  it('is the first language of the system where the browser accepts no other or says nothing', () => {
    assert.equal(chosen(null), 'en');
    assert.equal(chosen('fr'), 'en');
    assert.equal(chosen(';;,q=,'), 'en');
  });
});
