import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formView } from '../../../tests/kit/form-view.ts';
import { english } from '../../platform/words/language.ts';
import { type RegistrationPage, registrationView } from './pages.ts';
import { register } from './register.ts';

type Details = Parameters<typeof formView>[0];

const TYPED = { username: 'Ada', email: 'ada@example.org' };

function drawn(page: Partial<RegistrationPage> = {}, details: Details = {}): string {
  const usual: RegistrationPage = {
    opened: 'the stamp',
    next: null,
    invitation: null,
    asksForEmail: true,
    needsEmail: false,
    minimumCodePoints: 15,
    buttons: [],
  };
  const form = formView({ path: '/register', values: TYPED, ...details });
  return String(registrationView(english.words, form, { ...usual, ...page }).body);
}

/** What the action says for a reason. */
function saidFor(reason: string): string {
  const details = { minimum: 15, given: 1, word: 'Ada' };
  return register.reasons[reason]?.text(english.words, details) ?? '';
}

const inputs = (html: string) => html.match(/<input[^>]*>/g) ?? [];
const input = (html: string, name: string) =>
  inputs(html).find((found) => found.includes(` name="${name}"`)) ?? '';

describe('the registration form', () => {
  it('says what each field is for to password managers', () => {
    const html = drawn();
    for (const [name, purpose] of [
      ['username', 'username'],
      ['email', 'email'],
      ['password', 'new-password'],
    ] as const)
      assert.match(input(html, name), new RegExp(` autocomplete="${purpose}"`));
    assert.match(input(html, 'email'), / type="email"/);
    assert.match(input(html, 'password'), / type="password".* data-show=/s);
  });

  it('sends the documented fields and the CSRF token', () => {
    const names = inputs(drawn({ next: '/reports' })).map((found) => / name="(\w+)"/.exec(found)?.[1]);
    assert.deepEqual(names, ['csrf', 'opened', 'next', 'username', 'email', 'password', 'comment']);
    assert.match(drawn(), /<form method="post" action="\/register" novalidate>/);
  });

  it('has no email field if email is off', () => {
    assert.equal(input(drawn({ asksForEmail: false }), 'email'), '');
  });

  it('P53: focuses the invalid field, or a list that leads to each of several', () => {
    const focused = (html: string) =>
      inputs(html).flatMap((found) =>
        found.includes(' autofocus') ? (/ name="(\w+)"/.exec(found)?.[1] ?? []) : [],
      );
    assert.deepEqual(focused(drawn()), ['username']);
    const several = drawn({}, { problems: { email: 'It is taken.', password: 'It is common.' } });
    assert.deepEqual(focused(several), []);
    assert.match(several, /id="form-problem" tabindex="-1" autofocus>/);
    assert.match(several, /<li><a href="#email">Email<\/a>: .*<li><a href="#password">Password<\/a>: /);
    assert.deepEqual(focused(drawn({}, { problems: { password: 'It is common.' } })), ['password']);
  });

  it('has a sentence of its own for every reason to refuse', () => {
    const reasons = Object.keys(register.reasons);
    const said = reasons.map(saidFor);
    assert.equal(new Set(said).size, reasons.length);
    for (const words of said) assert.match(words, /^[A-Z].+\.$/);
    assert.match(saidFor('password-too-short'), /^That has 1 character; use at least 15\./);
    assert.match(saidFor('password-context'), /“Ada”/);
    const html = drawn({}, { problems: { email: saidFor('email-taken') } });
    assert.match(html, /<p class="problem" id="email-problem">There is already an account/);
  });

  it('links to sign-in, with the path to return to', () => {
    assert.match(drawn(), /<a href="\/login">/);
    assert.match(drawn({ next: '/reports?a=b' }), /<a href="\/login\?next=%2Freports%3Fa%3Db">/);
  });

  it('is replaced by a message for visitors who may not register', () => {
    for (const why of ['closed', 'not-invited', 'invitation-gone']) {
      const instead = register.reasons[why]?.instead;
      assert.ok(typeof instead === 'function');
      assert.match(instead(english.words).title, /^[A-Z].+/);
    }
  });

  it('requires the address if the invitation is for one', () => {
    const invited = drawn({ invitation: { flow: 'the handle', isForAddress: true, isNeeded: true } });
    assert.match(input(invited, 'email'), / required/);
    assert.doesNotMatch(
      input(drawn({ invitation: { flow: 'the handle', isForAddress: false, isNeeded: true } }), 'email'),
      / required/,
    );
    assert.match(invited, /You were invited/);
  });

  it('has a field that is hidden from users and password managers', () => {
    const trap = /<div class="unseen" aria-hidden="true">.*?<\/div>/s.exec(drawn())?.[0] ?? '';
    assert.match(input(trap, 'comment'), / autocomplete="off" tabindex="-1"/);
    assert.match(input(trap, 'comment'), / data-1p-ignore data-lpignore="true" data-bwignore /);
    assert.match(trap, /<label for="comment">Leave this field empty<\/label>/);
  });

  it('says if it is shown again because it was open for too long', () => {
    const html = drawn({}, { problem: saidFor('form-too-old') });
    assert.match(html, /role="alert">This page was open for more than a day/);
  });
});
