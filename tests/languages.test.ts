import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { html } from 'hono/html';
import { emailWords } from '../src/auth/words.ts';
import { createMailRenderer } from '../src/platform/mail/render.ts';
import { defineLimits } from '../src/platform/rate-limit/limits.ts';
import { tooManyNotice } from '../src/platform/rate-limit/refusal.ts';
import { throttleWords } from '../src/platform/rate-limit/words.ts';
import { formRefusal } from '../src/platform/web/csrf.ts';
import { agoText, field, formProblems, trapField } from '../src/platform/web/index.ts';
import { errorPage } from '../src/platform/web/pages/error-page.ts';
import type { Wording } from '../src/platform/words/index.ts';
import { english } from '../src/platform/words/language.ts';
import { START_OF_TESTS } from './kit/clock.ts';
import { everyMail } from './kit/mail.ts';
import { ADDRESS, newestConfirmation, openAndConfirm } from './kit/mailed-links.ts';
import { ERROR_STATUSES } from './kit/pages.ts';
import { lettersOutside, pseudoLanguage } from './kit/pseudo-language.ts';
import { disableAccount, reachInside, startSystem, type TestSystem } from './kit/system.ts';
import { ADA } from './kit/visitor.ts';

const SITE = { name: 'Site', origin: 'https://login.example.org', basePath: '' };

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

/** Requests of a browser that has the pseudo-language first. */
const INTO_PSEUDO = { 'accept-language': 'qps, en;q=0.5' };

describe('a page', () => {
  const given = ['Latchkey', 'Ada'];

  it('has its frame, its messages and its form in the language of the request', async () => {
    await using system = await startSystem({}, undefined, { languages: [english, pseudoLanguage] });
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    const signIn = (await ada.get('/login', INTO_PSEUDO)).body;
    assert.match(signIn, /<html lang="qps">/);
    assert.match(signIn, / data-show="ж+ ж+"/);
    await ada.signIn(ADA.username, ADA.password);
    const { body } = await ada.get('/account/password', INTO_PSEUDO);
    assert.match(body, /ж<\/button>/);
    for (const page of [signIn, body]) assert.deepEqual(lettersOutside(textOf(page), given), []);
  });

  it('that refuses a request is in the language of the request, also where no route takes it', async () => {
    await using system = await startSystem({}, undefined, { languages: [english, pseudoLanguage] });
    const visitor = system.visitor();
    for (const [path, status] of [
      ['/nowhere', 404],
      [`/${'x'.repeat(9_000)}`, 414],
    ] as const) {
      const page = await visitor.get(path, INTO_PSEUDO);
      assert.equal(page.status, status);
      assert.match(page.body, /<html lang="qps">/);
      assert.deepEqual(lettersOutside(textOf(page.body), given), []);
      assert.match((await visitor.get(path)).body, /<html lang="en">/);
    }
  });

  it('that refuses a request has all words in its language, whatever the reason', async () => {
    const site = {
      name: '',
      basePath: '',
      stylesheetPath: '/a.css',
      scriptPath: '/a.js',
      iconPath: '/a.svg',
    };
    for (const status of ERROR_STATUSES)
      for (const refused of [undefined, ...formRefusal.options]) {
        const details = { requestId: '7', retryAfterSeconds: 120, ...(refused && { formRefusal: refused }) };
        const page = String(await errorPage(site, pseudoLanguage, status, details));
        assert.deepEqual(lettersOutside(textOf(page), []), [], `${status} ${refused}`);
      }
  });
});

const throttled = defineLimits({ tries: { counts: 'tries', rule: { max: 1, window: 1 } } }).tries;

describe('a form', () => {
  const { words } = pseudoLanguage;
  const wrong = [
    { name: 'one', label: '1', problem: '2' },
    { name: 'two', label: '3', problem: '4' },
  ];
  const parts = {
    'an optional field': field(words, {
      name: 'email',
      label: '1',
      type: 'email',
      autocomplete: 'email',
      isOptional: true,
    }),
    'a list of problems': formProblems(words, null, wrong),
    'the field that traps robots': trapField(words),
    'a time long ago': html`${agoText(words, 0, 10)}`,
  };
  for (const [name, part] of Object.entries(parts))
    it(`has all words in its language: ${name}`, () => {
      assert.match(String(part), /ж/);
      assert.deepEqual(lettersOutside(textOf(String(part)), []), []);
    });

  it('says in its language how long to wait, and what its browser does meanwhile', async () => {
    const challenge = {
      offer: async (_: number, given: Wording) => ({
        form: html`${Object.values(given(throttleWords).proof).join(' ')}`,
        json: {},
      }),
      isMet: async () => false,
    };
    const refusal = { limit: throttled, retryAt: 5_000, challenge };
    const notice = await tooManyNotice(words, refusal, 0);
    for (const text of [notice.title, notice.text, String(notice.challenge?.form)]) {
      assert.match(text, /ж/);
      assert.deepEqual(lettersOutside(textOf(text), []), []);
    }
  });
});

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
