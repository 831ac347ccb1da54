import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formView } from '../../../tests/kit/form-view.ts';
import { english } from '../../platform/words/language.ts';
import { type LoginPage, loginView, logoutView } from './pages.ts';

type Details = Parameters<typeof formView>[0];

function drawn(details: Details = {}, page: Partial<LoginPage> = {}): string {
  const empty: LoginPage = { next: null, isRequired: false, canRegister: true, links: [], buttons: [] };
  const form = formView({ path: '/login', ...details });
  return String(loginView(english.words, form, { ...empty, ...page }).body);
}

const REFUSED = 'Invalid username or password';

const inputs = (html: string) => html.match(/<input[^>]*>/g) ?? [];
const input = (html: string, name: string) =>
  inputs(html).find((found) => found.includes(` name="${name}"`)) ?? '';

describe('the sign-in form', () => {
  it('says what each field is for to password managers', () => {
    const html = drawn();
    assert.match(input(html, 'username'), / type="text" autocomplete="username"/);
    assert.match(input(html, 'password'), / type="password" autocomplete="current-password"/);
    assert.match(input(html, 'password'), / data-show="Show password"/);
    assert.doesNotMatch(input(html, 'password'), /value=/);
  });

  it('keeps the typed username, and then focuses the password', () => {
    assert.match(input(drawn(), 'username'), / autofocus/);
    const again = drawn({ values: { username: 'Ada "the first"' }, problem: REFUSED });
    assert.match(input(again, 'username'), / value="Ada &quot;the first&quot;"/);
    assert.doesNotMatch(input(again, 'username'), / autofocus/);
    assert.match(input(again, 'password'), / autofocus/);
  });

  it('A01: marks no field as invalid when it refuses', () => {
    const html = drawn({ values: { username: 'Ada' }, problem: REFUSED });
    assert.match(html, /<p class="flash problem" role="alert">Invalid username or password<\/p>/);
    assert.doesNotMatch(html, /aria-invalid/);
  });

  it('marks the field that was left empty', () => {
    for (const field of ['username', 'password'])
      assert.match(input(drawn({ problems: { [field]: 'Enter it.' } }), field), /aria-invalid="true"/);
  });

  it('carries the path to return to, in the form and in the link to registration', () => {
    const html = drawn({}, { next: '/reports?a=b' });
    assert.match(html, /<input type="hidden" name="next" value="\/reports\?a=b">/);
    assert.match(html, /<a href="\/register\?next=%2Freports%3Fa%3Db">/);
    assert.equal(input(drawn(), 'next'), '');
  });

  it('links to registration only if it is open', () => {
    assert.doesNotMatch(drawn({}, { canRegister: false }), /\/register/);
  });
});

describe('the sign-out form', () => {
  it('names the user, posts, and offers to stay signed in', () => {
    const html = String(
      logoutView(english.words, formView({ path: '/logout' }), { username: 'Ada <Lovelace>', home: '/notes' })
        .body,
    );
    assert.match(html, /Ada &lt;Lovelace&gt;/);
    assert.match(
      html,
      /<form method="post" action="\/logout"><input type="hidden" name="csrf" value="the token">/,
    );
    assert.match(html, /<a href="\/notes">/);
  });
});
