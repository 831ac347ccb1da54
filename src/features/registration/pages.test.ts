import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PasswordRefusal } from '../passwords/index.ts';
import { type RegistrationForm, refusedPage, registrationForm } from './pages.ts';

function drawn(details: Partial<RegistrationForm> = {}): string {
  const form: RegistrationForm = {
    csrf: 'the token',
    opened: 'the stamp',
    typed: { username: 'Ada', email: 'ada@example.org' },
    next: null,
    problems: {},
    repeat: null,
    hasTrap: true,
    tooMany: null,
    invitation: null,
    asksForEmail: true,
    needsEmail: false,
    minimumCodePoints: 15,
    signInButtons: [],
  };
  return String(registrationForm({ ...form, ...details }));
}

const inputs = (html: string) => html.match(/<input[^>]*>/g) ?? [];
const input = (html: string, name: string) =>
  inputs(html).find((found) => found.includes(` name="${name}"`)) ?? '';

const EMAIL_PROBLEMS = [
  'not-an-address',
  'too-long',
  'dots',
  'quoted',
  'characters',
  'domain',
  'taken',
  'blocked',
  'not-invited',
] as const;

describe('the registration form', () => {
  it('tells password managers what each field is for', () => {
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
    const several = drawn({ problems: { email: 'taken', password: { kind: 'common' } } });
    assert.deepEqual(focused(several), []);
    assert.match(several, /id="form-problem" tabindex="-1" autofocus>/);
    assert.match(several, /<li><a href="#email">Email<\/a>: .*<li><a href="#password">Password<\/a>: /);
    assert.deepEqual(focused(drawn({ problems: { password: { kind: 'common' } } })), ['password']);
  });

  it('has a sentence for every reason to refuse', () => {
    const reasons: readonly PasswordRefusal[] = [
      { kind: 'missing' },
      { kind: 'too-short', minimumCodePoints: 15, codePoints: 1 },
      { kind: 'too-long' },
      { kind: 'ill-formed' },
      { kind: 'common' },
      { kind: 'repetitive' },
      { kind: 'context', word: 'Ada' },
    ];
    const said = reasons.map((password) => problemIn(drawn({ problems: { password } })));
    assert.equal(new Set(said).size, reasons.length);
    for (const words of said) assert.match(words, /^[A-Z].+\.$/);
    assert.match(String(said[1]), /^That has 1 character; use at least 15\./);
    assert.match(String(said.at(-1)), /“Ada”/);
    for (const username of [
      'missing',
      'too-short',
      'too-long',
      'at-sign',
      'unusable-character',
      'mixed-scripts',
      'lookalike',
      'taken',
      'reserved',
    ] as const)
      assert.match(problemIn(drawn({ problems: { username } })), /^[A-Z].+\.$/, username);
    for (const email of EMAIL_PROBLEMS)
      assert.match(problemIn(drawn({ problems: { email } })), /^[A-Z].+\.$/, email);
  });

  it('links to sign-in, with the path to return to', () => {
    assert.match(drawn(), /<a href="\/login">/);
    assert.match(drawn({ next: '/reports?a=b' }), /<a href="\/login\?next=%2Freports%3Fa%3Db">/);
  });

  it('is replaced by a reason for visitors who may not register', () => {
    const pages = (['closed', 'not-invited', 'invitation-gone'] as const).map((why) =>
      String(refusedPage(why)),
    );
    assert.equal(new Set(pages).size, pages.length);
    for (const page of pages) {
      assert.doesNotMatch(page, /<form|<input/);
      assert.match(page, /<h1>[A-Z].+<\/h1>\n<p>[A-Z].+\.<\/p>/);
    }
  });

  it('requires the address if the invitation is for one', () => {
    const invited = drawn({ invitation: { isForAddress: true, isNeeded: true } });
    assert.match(input(invited, 'email'), / required/);
    assert.doesNotMatch(
      input(drawn({ invitation: { isForAddress: false, isNeeded: true } }), 'email'),
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
    assert.match(drawn({ repeat: 'form-too-old' }), /role="alert">This page was open for more than a day/);
  });
});

function problemIn(html: string): string {
  return /<p class="problem"[^>]*>([^<]*)</.exec(html)?.[1] ?? '';
}
