import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isReport, violationsIn } from './violations.ts';

const ORIGIN = 'https://login.example.org';

const OF_CHROMIUM = {
  type: 'csp-violation',
  age: 12,
  url: `${ORIGIN}/login?next=%2Fdashboard`,
  user_agent: 'Mozilla/5.0',
  body: {
    documentURL: `${ORIGIN}/login?next=%2Fdashboard#top`,
    blockedURL: 'https://evil.example/people/ada?token=hunter2',
    effectiveDirective: 'script-src-elem',
    sourceFile: `${ORIGIN}/assets/latchkey.js?v=1`,
    lineNumber: 12,
    sample: 'hunter2',
    disposition: 'enforce',
  },
};

const OF_FIREFOX = {
  'csp-report': {
    'document-uri': `${ORIGIN}/register?username=ada`,
    'violated-directive': "style-src 'self'",
    'blocked-uri': 'inline',
    'line-number': 3,
    'script-sample': 'hunter2',
    referrer: `${ORIGIN}/?token=hunter2`,
  },
};

/** The report of Chromium with something else in its body. */
const withBody = (body: object) => [{ ...OF_CHROMIUM, body: { ...OF_CHROMIUM.body, ...body } }];

describe('a CSP violation report', () => {
  it('is read in both formats, without queries, samples, referrers and foreign paths', () => {
    const chromium = {
      directive: 'script-src-elem',
      page: '/login',
      blocked: 'https://evil.example',
      source: '/assets/latchkey.js',
      line: 12,
    };
    const firefox = { directive: 'style-src', page: '/register', blocked: 'inline', source: null, line: 3 };
    assert.deepEqual(violationsIn([OF_CHROMIUM], ORIGIN), [chromium]);
    assert.deepEqual(violationsIn(OF_FIREFOX, ORIGIN), [firefox]);
    assert.deepEqual(violationsIn([OF_CHROMIUM, OF_CHROMIUM], ORIGIN), [chromium, chromium]);
  });

  it('names the blocked resource only by path, origin, scheme or keyword', () => {
    const cases = [
      ['data:text/html,<script>hunter2</script>', 'data:'],
      ['chrome-extension://abcdef/x.js', 'chrome-extension:'],
      ['https://ada:hunter2@evil.example:8443/x', 'https://evil.example:8443'],
      [`${ORIGIN}/a?b#c`, '/a'],
      ['eval', 'eval'],
      ['hunter2 is her password', null],
      ['', null],
      [null, null],
    ] as const;
    for (const [blockedURL, blocked] of cases)
      assert.equal(violationsIn(withBody({ blockedURL }), ORIGIN)[0]?.blocked, blocked, String(blockedURL));
  });

  it('A56: yields no control characters and no long text', () => {
    const [violation] = violationsIn(
      withBody({ documentURL: `${ORIGIN}/\u001b[31m\r\n\u2028${'x'.repeat(5_000)}`, blockedURL: '\u0000' }),
      ORIGIN,
    );
    assert.match(String(violation?.page), /^\/%1B\[31m%E2%80%A8x+$/);
    assert.equal(violation?.page.length, 200);
    assert.equal(violation?.blocked, null);
  });

  it('is ignored if it is about a foreign page, of another type or malformed', () => {
    const nothing = [
      withBody({ documentURL: 'https://evil.example/' }),
      withBody({ documentURL: 'about:blank' }),
      withBody({ effectiveDirective: '<b>' }),
      withBody({ effectiveDirective: 'x'.repeat(41) }),
      withBody({ lineNumber: -1 }),
      [{ ...OF_CHROMIUM, type: 'deprecation' }],
      [[OF_CHROMIUM]],
      null,
      'text',
      {},
      [],
    ];
    for (const report of nothing) assert.deepEqual(violationsIn(report, ORIGIN), [], JSON.stringify(report));
  });

  it('is read for at most ten violations', () => {
    assert.equal(violationsIn(Array(500).fill(OF_CHROMIUM), ORIGIN).length, 10);
  });

  it('must have one of two content types', () => {
    for (const type of [
      'application/csp-report',
      'application/reports+json',
      'Application/CSP-Report; charset=utf-8',
    ])
      assert.equal(isReport(type), true, type);
    for (const type of [null, '', 'application/json', 'application/csp-reports', 'text/plain'])
      assert.equal(isReport(type), false, String(type));
  });
});
