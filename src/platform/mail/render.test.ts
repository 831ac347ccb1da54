import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { START_OF_TESTS } from '../../../tests/kit/clock.ts';
import { everyMail } from '../../../tests/kit/mail.ts';
import { temporaryFolder } from '../../../tests/kit/temporary.ts';
import { mailNames, placeholdersOf, valuesOf } from '../../auth/mail/values.ts';
import { createMailRenderer } from './render.ts';
import { readMailTemplates } from './templates.ts';

const SITE = { name: 'Example', origin: 'https://login.example.org' };
const ACCENT = '#2f5bea';
const render = createMailRenderer(SITE, ACCENT);
const mails = everyMail(START_OF_TESTS);

const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:a11y'],
  rules: {
    'doctype-style': 'off',
    'long-title': 'off',
    'no-inline-style': 'error',
    'no-trailing-whitespace': 'off',
  },
});

describe('every mail', () => {
  it('is covered by these tests', () => {
    assert.deepEqual([...new Set(mails.map(({ name }) => name))], mailNames);
  });

  it('says what happened, when, from where, and what to do', async () => {
    for (const mail of mails) {
      const { subject, text, html } = await render(mail);
      assert.match(subject, /Example/, mail.name);
      assert.ok(subject.length <= 78, subject);
      for (const part of [text, html]) {
        assert.match(part, /Example sent this by itself/, mail.name);
        if (!('occasion' in mail)) continue;
        assert.match(part, /1 Jan 2026, 12:00 UTC/, mail.name);
        if (mail.occasion.browser !== null)
          assert.match(part, /Firefox on Linux, about Berlin, Germany, address 192\.0\.2\.7/, mail.name);
      }
      if (mail.name !== 'test') assert.match(text, /\b[Ii]f (?:that was|you|not)\b/, mail.name);
    }
  });

  it('is at most 72 columns wide, except for links', async () => {
    for (const mail of mails) {
      const { text } = await render(mail);
      for (const line of text.split('\n')) assert.ok(line.length <= 72 || line.startsWith('https://'), line);
      assert.doesNotMatch(text, /undefined|null|<|&amp;/);
    }
  });

  it('has its links and its code in both parts', async () => {
    for (const mail of mails) {
      const { text, html } = await render(mail);
      for (const value of ['page', 'resetPage'] as const) {
        const path: unknown = Reflect.get(mail, value);
        if (typeof path !== 'string') continue;
        assert.ok(text.includes(`\n${SITE.origin}${path}\n`), `${mail.name}: ${text}`);
        assert.ok(html.includes(`href="${SITE.origin}${path.replaceAll('&', '&amp;')}"`), mail.name);
      }
      if ('code' in mail) for (const part of [text, html]) assert.ok(part.includes(mail.code), mail.name);
    }
  });

  it('is valid HTML that loads nothing', async () => {
    for (const mail of mails) {
      const { html } = await render(mail);
      const report = await validator.validateString(html);
      const problems = report.results.flatMap(({ messages }) => messages.map(({ message }) => message));
      assert.deepEqual(problems, [], mail.name);
      assert.doesNotMatch(html, /<(?:img|script|link|iframe|form|table)\b|\ssrc=|url\(|@import/i, mail.name);
    }
  });

  it('A43: shows user input as text on one line', async () => {
    const payload = `<img src=x onerror=alert(1)>"'&\r\nBcc: eve@evil.example\u202e\u2028x`;
    for (const mail of everyMail(START_OF_TESTS, payload)) {
      const occasion = { at: START_OF_TESTS, browser: payload, place: payload, address: payload };
      const { subject, text, html } = await render('occasion' in mail ? { ...mail, occasion } : mail);
      assert.doesNotMatch(html, /<img|onerror=alert\(1\)>"/, mail.name);
      assert.doesNotMatch(subject, /[\r\n\u202e\u2028]/, mail.name);
      for (const part of [text, html]) assert.doesNotMatch(part, /^Bcc:|[\u202e\u2028]/m, mail.name);
    }
  });

  it('names no account if its address is not confirmed', async () => {
    for (const mail of mails) {
      if (!['confirm-address', 'address-change-confirm', 'invitation'].includes(mail.name)) continue;
      assert.ok(!('username' in mail), mail.name);
      assert.match((await render(mail)).text, /^Hello,$/m);
    }
  });
});

function folderWith(files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  mkdirSync(folder.path, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(`${folder.path}/${name}`, text);
  return folder;
}

describe('custom mail templates', () => {
  it('replace the parts that they are for', async () => {
    using folder = folderWith({
      'password-changed.subject.txt': 'New password at {{siteName}}\n',
      'password-changed.html': '<p>{{ username }}: {{when}} <a href="{{page}}">help</a></p>',
      '.gitkeep': '',
    });
    const reading = readMailTemplates(folder.path);
    assert.ok(reading.valid);
    const own = createMailRenderer(SITE, ACCENT, reading.templates);
    const mail = everyMail(START_OF_TESTS, '<b>"Ada"</b> {{page}} $&').find(
      ({ name }) => name === 'password-changed',
    );
    assert.ok(mail !== undefined);
    const [written, builtIn] = [await own(mail), await render(mail)];
    assert.equal(written.subject, 'New password at Example');
    assert.equal(
      written.html,
      '<p>&lt;b&gt;&quot;Ada&quot;&lt;/b&gt; {{page}} $&amp;: 1 Jan 2026, 12:00 UTC <a href="https://login.example.org/account">help</a></p>',
    );
    assert.equal(written.text, builtIn.text);
  });

  it('know each placeholder that their mail has a value for', () => {
    for (const mail of mails) {
      const values = Object.entries(valuesOf(mail, SITE)).filter(([, value]) => value !== '');
      const known = placeholdersOf(mail.name);
      for (const [name] of values) assert.ok(known.includes(name), `${mail.name}: ${name}`);
      const given = values.map(([name]) => name);
      for (const name of known) assert.ok(given.includes(name) || name === 'where', `${mail.name}: ${name}`);
    }
  });

  it('are refused if they use an unknown placeholder or belong to no mail', () => {
    for (const [files, problem] of [
      [{ 'password-changed.txt': '{{code}}' }, /\{\{code\}\} in password-changed\.txt; there are siteName/],
      [{ 'pasword-changed.txt': '' }, /pasword-changed\.txt, which is for no mail/],
      [{ 'password-changed.md': '' }, /for no mail/],
      [{}, /is empty/],
    ] as const) {
      using folder = folderWith(files);
      const reading = readMailTemplates(folder.path);
      assert.match(reading.valid ? '' : reading.problem, problem);
    }
    assert.equal(readMailTemplates('/nowhere/at/all').valid, false);
  });
});
