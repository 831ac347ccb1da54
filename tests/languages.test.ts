import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emailWords } from '../src/auth/words.ts';
import { createMailRenderer } from '../src/platform/mail/render.ts';
import { english } from '../src/platform/words/words.ts';
import { START_OF_TESTS } from './kit/clock.ts';
import { everyMail } from './kit/mail.ts';
import { ADDRESS, newestConfirmation, openAndConfirm } from './kit/mailed-links.ts';
import { lettersOutside, pseudoLanguage } from './kit/pseudo-language.ts';
import { disableAccount, reachInside, startSystem, type TestSystem } from './kit/system.ts';
import { ADA } from './kit/visitor.ts';

const SITE = { name: 'Site', origin: 'https://login.example.org' };

/** What a mail contains besides words. */
function dataOf(values: Readonly<Record<string, string>>): readonly string[] {
  return [...Object.values(values), 'Firefox on Linux', 'Berlin, Germany', '192.0.2.7'].filter(
    (value) => value !== '',
  );
}

/** The text of an HTML document. */
function textOf(html: string): string {
  return html
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

async function mailsIn(system: TestSystem) {
  const { mail } = reachInside(system, 'the page of the mailbox does not name the mails').core;
  return (await mail.mailbox?.list()) ?? [];
}

describe('a mail', () => {
  const render = createMailRenderer({
    site: SITE,
    accentColor: '#2f5bea',
    footer: emailWords,
    templates: null,
  });

  for (const { email, occasion } of everyMail(START_OF_TESTS, 'Ada', pseudoLanguage))
    it(`has all words in its language: ${email.name}`, async () => {
      const { subject, text, html } = await render(email, occasion);
      assert.match(html, /<html lang="qps">/);
      assert.match(text, /ж/);
      const data = dataOf(email.write(occasion, SITE).values);
      for (const part of [subject, text, textOf(html)])
        assert.deepEqual(lettersOutside(part, data), [], part);
    });

  it('is in the language of the request that causes it, and without one in the first language', async () => {
    await using system = await startSystem({ email: 'required' }, undefined, {
      languages: [english, pseudoLanguage],
    });
    const ada = system.visitor();
    const fields = { username: ADA.username, password: ADA.password, email: ADDRESS };
    await ada.submit('/register', fields, {
      'accept-language': 'qps, en;q=0.5',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    });
    const [inPseudo] = await mailsIn(system);
    assert.match(String(inPseudo?.html), /<html lang="qps">/);
    const text = String(inPseudo?.text);
    const [link = ''] = /http\S+/.exec(text) ?? [];
    assert.deepEqual(lettersOutside(text, ['Latchkey', 'Firefox', 'Linux', link]), [
      'Jan',
      'UTC',
      'Jan',
      'UTC',
    ]);
    system.clock.advance(1_000);
    const { path } = await newestConfirmation(system);
    await openAndConfirm(ada, path);
    await disableAccount(system, ADA.username);
    const [inEnglish] = await mailsIn(system);
    assert.equal(inEnglish?.subject, 'Your Latchkey account was disabled');
  });
});
