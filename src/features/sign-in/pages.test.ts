import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LoginForm, loginForm, logoutForm } from './pages.ts';

function drawn(details: Partial<LoginForm> = {}): string {
  const empty = { username: '', isRemembered: false, next: null, problem: null };
  const form: LoginForm = {
    csrf: 'the token',
    ...empty,
    canRegister: true,
    links: [],
    buttons: [],
  };
  return String(loginForm({ ...form, ...details }));
}

const inputs = (html: string) => html.match(/<input[^>]*>/g) ?? [];
const input = (html: string, name: string) =>
  inputs(html).find((found) => found.includes(` name="${name}"`)) ?? '';

describe('the sign-in form', () => {
  it('tells password managers what each field is for', () => {
    const html = drawn();
    assert.match(input(html, 'username'), / type="text" autocomplete="username"/);
    assert.match(input(html, 'password'), / type="password" autocomplete="current-password"/);
    assert.match(input(html, 'password'), / data-show="Show password"/);
    assert.doesNotMatch(input(html, 'password'), /value=/);
  });

  it('keeps the typed username, and then focuses the password', () => {
    assert.match(input(drawn(), 'username'), / autofocus/);
    const again = drawn({ username: 'Ada "the first"', problem: { kind: 'refused' } });
    assert.match(input(again, 'username'), / value="Ada &quot;the first&quot;"/);
    assert.doesNotMatch(input(again, 'username'), / autofocus/);
    assert.match(input(again, 'password'), / autofocus/);
  });

  it('A01: marks no field as invalid when it refuses', () => {
    const html = drawn({ username: 'Ada', problem: { kind: 'refused' } });
    assert.match(html, /<p class="flash problem" role="alert">Invalid username or password<\/p>/);
    assert.doesNotMatch(html, /aria-invalid/);
  });

  it('marks the field that was left empty', () => {
    assert.match(input(drawn({ problem: { kind: 'username-missing' } }), 'username'), /aria-invalid="true"/);
    assert.match(input(drawn({ problem: { kind: 'password-missing' } }), 'password'), /aria-invalid="true"/);
  });

  it('carries the path to return to, in the form and in the link to registration', () => {
    const html = drawn({ next: '/reports?a=b' });
    assert.match(html, /<input type="hidden" name="next" value="\/reports\?a=b">/);
    assert.match(html, /<a href="\/register\?next=%2Freports%3Fa%3Db">/);
    assert.equal(input(drawn(), 'next'), '');
  });

  it('links to registration only if it is open', () => {
    assert.doesNotMatch(drawn({ canRegister: false }), /\/register/);
  });
});

describe('the sign-out form', () => {
  it('names the user, posts, and offers to stay signed in', () => {
    const html = String(logoutForm({ csrf: 'the token', username: 'Ada <Lovelace>' }));
    assert.match(html, /Ada &lt;Lovelace&gt;/);
    assert.match(
      html,
      /<form method="post" action="\/logout"><input type="hidden" name="csrf" value="the token">/,
    );
    assert.match(html, /<a href="\/dashboard">/);
  });
});
