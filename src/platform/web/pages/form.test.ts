import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { english } from '../../words/index.ts';
import { type Field, field, formProblem, hiddenField, linkLine } from './form.ts';

const MARKUP = `"><script>alert('x')</script>`;

function drawn(details: Partial<Field>): string {
  return String(
    field(english.words, {
      name: 'nickname',
      label: 'Nickname',
      type: 'text',
      autocomplete: 'nickname',
      ...details,
    }),
  );
}

describe('a form field', () => {
  it('refers to its label, its hint and its problem for screen readers', () => {
    const html = drawn({ hint: 'Short is fine.', problem: 'Choose one.' });
    assert.match(html, /<label for="nickname">Nickname<\/label>/);
    assert.match(html, /<input id="nickname" name="nickname"/);
    assert.match(html, /aria-describedby="nickname-problem nickname-hint" aria-invalid="true"/);
    assert.match(html, /<p class="problem" id="nickname-problem">Choose one\.<\/p>/);
    assert.match(html, /<p class="hint" id="nickname-hint">Short is fine\.<\/p>/);
  });

  it('shows no problem if it has none', () => {
    assert.doesNotMatch(drawn({}), /aria-|problem|hint/);
    assert.match(drawn({ hint: 'Short is fine.' }), /aria-describedby="nickname-hint"(?! aria-invalid)/);
  });

  it('is required unless it is optional', () => {
    assert.match(drawn({}), / required[ >]/);
    const optional = drawn({ isOptional: true });
    assert.doesNotMatch(optional, /required/);
    assert.match(optional, /\(optional\)/);
  });

  it('keeps what was typed, escaped', () => {
    assert.match(drawn({ value: 'Zoë & Co' }), / value="Zoë &amp; Co"/);
    const html = drawn({ value: MARKUP, label: MARKUP, hint: MARKUP, problem: MARKUP });
    assert.doesNotMatch(html, /<script|"'>|">alert/);
  });

  it('never contains a password, and offers to show it only with a script', () => {
    const html = drawn({ type: 'password', value: 'nine copper kettles sing' });
    assert.doesNotMatch(html, /kettles|value=/);
    assert.match(html, / data-show="Show password"/);
    assert.doesNotMatch(html, /<button/, 'the script makes the button, so it is not there without one');
    assert.doesNotMatch(drawn({}), /data-/);
  });

  it('P51: allows pasting, and is neither corrected nor capitalised, whatever its type', () => {
    for (const type of ['text', 'email', 'password'] as const) {
      assert.doesNotMatch(drawn({ type }), /\son\w+=|maxlength|readonly|autocomplete="off"/);
      assert.match(drawn({ type }), / autocapitalize="none" autocorrect="off" spellcheck="false"/);
    }
  });
});

describe('a part of a form', () => {
  it('is omitted if it is empty', () => {
    assert.equal(hiddenField('next', null), '');
    assert.equal(String(formProblem(null)), '<div class="form-problem" id="form-problem"></div>');
  });

  it('escapes what it shows', () => {
    for (const html of [
      hiddenField('next', MARKUP),
      formProblem(MARKUP),
      linkLine(MARKUP, { path: MARKUP, label: MARKUP }),
    ])
      assert.doesNotMatch(String(html), /<script/);
    assert.match(String(formProblem('Wrong.')), /role="alert">Wrong\.</);
  });
});
