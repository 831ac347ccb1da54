import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { START_OF_TESTS } from '../../../tests/kit/clock.ts';
import { everyMail, type SampleMail } from '../../../tests/kit/mail.ts';
import { temporaryFolder } from '../../../tests/kit/temporary.ts';
import { emailWords } from '../../auth/words.ts';
import { emails } from '../../latchkey.ts';
import { createMailRenderer } from './render.ts';
import { type MailTemplates, readMailTemplates, templateFault } from './templates.ts';

const LOOK = {
  site: { name: 'Example', origin: 'https://login.example.org', basePath: '' },
  accentColor: '#2f5bea',
  footer: emailWords,
};

function renderer(templates: MailTemplates | null = null) {
  const render = createMailRenderer({ ...LOOK, templates });
  return ({ email, occasion }: SampleMail) => render(email, occasion);
}

const render = renderer();
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
    assert.deepEqual(mails.map(({ email }) => email.name).sort(), emails.map(({ name }) => name).sort());
  });

  it('says what happened, when, from where, and what to do', async () => {
    for (const mail of mails) {
      const { subject, text, html } = await render(mail);
      assert.match(subject, /Example/, mail.email.name);
      assert.ok(subject.length <= 78, subject);
      for (const part of [text, html]) {
        assert.match(part, /Example sent this by itself/, mail.email.name);
        if (!placeholdersOf(mail.email.name).includes('when')) continue;
        assert.match(part, /1 Jan 2026, 12:00 UTC/, mail.email.name);
        if (mail.occasion.browser !== null)
          assert.match(
            part,
            /Firefox on Linux, about Berlin, Germany, address 192\.0\.2\.7/,
            mail.email.name,
          );
      }
      if (mail.email.name !== 'test') assert.match(text, /\b[Ii]f (?:that was|you|not)\b/, mail.email.name);
    }
  });

  it('leaves out from where it was caused if that is not known', async () => {
    for (const mail of mails) {
      const occasion = { ...mail.occasion, browser: null, place: null, address: null };
      const { text, html } = await render({ ...mail, occasion });
      for (const part of [text, html]) assert.doesNotMatch(part, /From:/, mail.email.name);
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
      for (const path of mail.pages) {
        assert.ok(text.includes(`\n${LOOK.site.origin}${path}\n`), `${mail.email.name}: ${text}`);
        assert.ok(
          html.includes(`href="${LOOK.site.origin}${path.replaceAll('&', '&amp;')}"`),
          mail.email.name,
        );
      }
      for (const part of [text, html]) assert.ok(part.includes(mail.code ?? ''), mail.email.name);
    }
  });

  it('is valid HTML that loads nothing', async () => {
    for (const mail of mails) {
      const { html } = await render(mail);
      const report = await validator.validateString(html);
      const problems = report.results.flatMap(({ messages }) => messages.map(({ message }) => message));
      assert.deepEqual(problems, [], mail.email.name);
      assert.doesNotMatch(
        html,
        /<(?:img|script|link|iframe|form|table)\b|\ssrc=|url\(|@import/i,
        mail.email.name,
      );
    }
  });

  it('A43: shows user input as text on one line', async () => {
    const payload = `<img src=x onerror=alert(1)>"'&\r\nBcc: eve@evil.example\u202e\u2028x`;
    for (const mail of everyMail(START_OF_TESTS, payload)) {
      const occasion = { ...mail.occasion, browser: payload, place: payload, address: payload };
      const { subject, text, html } = await render({ ...mail, occasion });
      assert.doesNotMatch(html, /<img|onerror=alert\(1\)>"/, mail.email.name);
      assert.doesNotMatch(subject, /[\r\n\u202e\u2028]/, mail.email.name);
      for (const part of [text, html]) assert.doesNotMatch(part, /^Bcc:|[\u202e\u2028]/m, mail.email.name);
    }
  });

  it('names no account if its address is not confirmed', async () => {
    for (const mail of mails) {
      const { name } = mail.email;
      if (!['confirm-address', 'address-change-confirm', 'invitation'].includes(name)) continue;
      assert.ok(!placeholdersOf(name).includes('username'), name);
      assert.match((await render(mail)).text, /^Hello,$/m);
    }
  });
});

function placeholdersOf(wanted: string): readonly string[] {
  return emails.find(({ name }) => name === wanted)?.placeholders ?? [];
}

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
    const templates = readMailTemplates(folder.path);
    assert.ok(templates !== null && templateFault(templates, emails) === null);
    const own = renderer(templates);
    const mail = everyMail(START_OF_TESTS, '<b>"Ada"</b> {{page}} $&').find(
      ({ email }) => email.name === 'password-changed',
    );
    assert.ok(mail !== undefined);
    const [written, builtIn] = [await own(mail), await render(mail)];
    assert.equal(written.subject, 'New password at Example');
    assert.equal(
      written.html,
      '<p>&lt;b&gt;&quot;Ada&quot;&lt;/b&gt; {{page}} $&amp;: 1 Jan 2026, 12:00 UTC <a href="https://login.example.org/page?token=x&amp;y=z">help</a></p>',
    );
    assert.equal(written.text, builtIn.text);
  });

  it('know each placeholder that their mail has a value for', () => {
    for (const { email, occasion } of mails) {
      const { values } = email.write(occasion, LOOK.site);
      assert.deepEqual(Object.keys(values).sort(), [...placeholdersOf(email.name)].sort());
      const empty = Object.keys(values).filter((name) => values[name] === '' && name !== 'where');
      assert.deepEqual(empty, [], email.name);
    }
  });

  it('are refused if they use an unknown placeholder or belong to no mail', () => {
    for (const [files, problem] of [
      [{ 'password-changed.txt': '{{code}}' }, /\{\{code\}\} in password-changed\.txt; there are siteName/],
      [{ 'pasword-changed.txt': '' }, /pasword-changed\.txt, which is for no mail/],
      [{ 'password-changed.md': '' }, /for no mail/],
    ] as const) {
      using folder = folderWith(files);
      const templates = readMailTemplates(folder.path);
      assert.match((templates && templateFault(templates, emails)) ?? '', problem);
    }
    using empty = folderWith({});
    for (const folder of [empty.path, '/nowhere/at/all']) assert.equal(readMailTemplates(folder), null);
  });
});
