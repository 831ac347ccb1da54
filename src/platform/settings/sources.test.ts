import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { temporaryFolder } from '../../../tests/kit/temporary.ts';
import { givenAs } from './option-kind.ts';
import { optionalSetting, setting } from './setting.ts';
import { environmentSource, optionSource, variableNames } from './sources.ts';
import { duration, line, oneOf, wholeNumber } from './values.ts';

const NAMES = ['PORT', 'SECRET_KEY', 'SITE_NAME', 'SESSION_IDLE'];
const DEFINITIONS = NAMES.map((name) => optionalSetting({ name, meaning: '', schema: z.string() }));

/** A folder with some files in it, and what the environment gives there. */
function folderWith(files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
  return {
    path: (name: string) => join(folder.path, name),
    read: (environment: Readonly<Record<string, string>>) => {
      const { text, faults } = environmentSource(environment, DEFINITIONS, folder.path);
      const given = NAMES.flatMap((name) => text(name) ?? []);
      return { text, given, faults: faults.map(({ name, message }) => `${name}: ${message}`) };
    },
    [Symbol.dispose]: folder[Symbol.dispose],
  };
}

describe('the environment', () => {
  it('sets a setting by its name, and ignores empty variables', () => {
    using folder = folderWith({});
    const { text } = folder.read({ PORT: '4000', SITE_NAME: '', OTHER: 'x' });
    assert.equal(text('PORT'), '4000');
    assert.equal(text('SITE_NAME'), undefined);
    assert.equal(text('OTHER'), undefined);
  });

  it('sets a setting from a file, without its trailing line break', () => {
    using folder = folderWith({ unix: 'the secret\n', windows: 'the secret\r\n', bare: ' two\nlines ' });
    for (const name of ['unix', 'windows']) {
      assert.equal(folder.read({ SECRET_KEY_FILE: folder.path(name) }).text('SECRET_KEY'), 'the secret');
    }
    assert.equal(folder.read({ SECRET_KEY_FILE: folder.path('bare') }).text('SECRET_KEY'), ' two\nlines ');
  });

  it('is refused if it sets a setting in both ways', () => {
    using folder = folderWith({ secret: 'the secret' });
    const { given, faults } = folder.read({ SECRET_KEY: 'one', SECRET_KEY_FILE: folder.path('secret') });
    assert.deepEqual(given, []);
    assert.deepEqual(faults, ['SECRET_KEY: is set twice; set either SECRET_KEY or SECRET_KEY_FILE']);
  });

  it('is refused if the named file cannot be read', () => {
    using folder = folderWith({});
    const { faults } = folder.read({ SECRET_KEY_FILE: folder.path('nowhere') });
    assert.deepEqual(faults, ['SECRET_KEY_FILE: names a file that is not there; give the path of one']);
  });
});

describe('a name with the prefix LATCHKEY_', () => {
  it('wins over the name without it, wherever either is given', () => {
    using folder = folderWith({ '.env': 'LATCHKEY_SITE_NAME=of the file\nSESSION_IDLE=1h\n', port: '5000' });
    const { text, faults } = folder.read({
      LATCHKEY_PORT_FILE: folder.path('port'),
      PORT: '4000',
      SITE_NAME: 'of the shell',
      LATCHKEY_SESSION_IDLE: '2h',
    });
    assert.deepEqual(faults, []);
    assert.deepEqual(NAMES.map(text), ['5000', undefined, 'of the file', '2h']);
  });

  it('leaves the name without it in force where it is empty', () => {
    using folder = folderWith({});
    assert.equal(folder.read({ LATCHKEY_PORT: '', PORT: '4000' }).text('PORT'), '4000');
  });

  it('is refused if it is given in both ways', () => {
    using folder = folderWith({ port: '5000' });
    const { faults } = folder.read({
      LATCHKEY_PORT: '1',
      LATCHKEY_PORT_FILE: folder.path('port'),
      PORT: '2',
    });
    assert.deepEqual(faults, ['LATCHKEY_PORT: is set twice; set either LATCHKEY_PORT or LATCHKEY_PORT_FILE']);
  });

  it('says https: as the name without it does, so that .env is not read', () => {
    using folder = folderWith({ '.env': 'PORT=5000\n', origin: 'https://login.example.org\n' });
    for (const environment of [
      { LATCHKEY_BASE_URL: 'https://login.example.org' },
      { BASE_URL_FILE: folder.path('origin') },
      { LATCHKEY_BASE_URL_FILE: folder.path('origin'), BASE_URL: 'http://localhost' },
      { NODE_ENV: 'Production\r' },
    ])
      assert.deepEqual(folder.read(environment).given, [], JSON.stringify(environment));
  });

  it('is not what Kubernetes sets for a Service called latchkey', () => {
    using folder = folderWith({});
    const links = {
      LATCHKEY_PORT: 'tcp://10.0.0.9:3000',
      LATCHKEY_SERVICE_HOST: '10.0.0.9',
      LATCHKEY_SERVICE_PORT: '3000',
      LATCHKEY_SERVICE_PORT_HTTP: '3000',
      LATCHKEY_PORT_3000_TCP: 'tcp://10.0.0.9:3000',
      LATCHKEY_PORT_3000_TCP_PROTO: 'tcp',
      LATCHKEY_PORT_3000_TCP_ADDR: '10.0.0.9',
      LATCHKEY_METRICS_PORT: 'tcp://10.0.0.9:9464',
      LATCHKEY_METRICS_SERVICE_HOST: '10.0.0.9',
    };
    const { text, faults } = folder.read({ ...links, PORT: '4000' });
    assert.equal(text('PORT'), '4000');
    assert.deepEqual(faults, []);
    assert.deepEqual(variableNames(links, folder.path('.')), []);
  });
});

describe('the file of a setting', () => {
  const MARK = '\uFEFF';
  const ENCODED: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
    'a byte-order mark': [
      Buffer.from(`${MARK}the secret`),
      /^begins with a byte-order mark.*; save it as UTF-8/,
    ],
    'UTF-16 with a mark': [Buffer.from(`${MARK}the secret`, 'utf16le'), /^is a text in UTF-16.*; save/],
    'UTF-16 in the other order': [
      Buffer.from(`${MARK}the secret`, 'utf16le').swap16(),
      /^is a text in UTF-16/,
    ],
    'UTF-16 without a mark': [Buffer.from('the secret', 'utf16le'), /^is a text in UTF-16/],
    'Latin-1': [
      Buffer.from('the sécret', 'latin1'),
      /^is a text in another encoding; save the file as UTF-8$/,
    ],
    'NUL bytes': [Buffer.from('the secret\0'), /^names a file with NUL bytes/],
    nothing: [Buffer.from(''), /^names a file that is empty; write/],
    'line breaks alone': [Buffer.from('\r\n\n'), /^names a file that is empty; write/],
    quotes: [
      Buffer.from('"the secret"\n'),
      /^is in quotation marks, which docker --env-file .*; leave them out$/,
    ],
  };
  for (const [what, [bytes, problem]] of Object.entries(ENCODED))
    it(`is refused by its name if it holds ${what}`, () => {
      using folder = folderWith({});
      writeFileSync(folder.path('secret'), bytes);
      const { given, faults } = folder.read({ SECRET_KEY_FILE: folder.path('secret') });
      const [fault = '', ...more] = faults;
      assert.deepEqual([given, more], [[], []]);
      assert.match(fault.replace(/^SECRET_KEY_FILE: /, ''), problem);
      assert.doesNotMatch(fault, /the s.cret/);
    });

  it('is refused by its name if it is a folder, below a file or may not be read', () => {
    using folder = folderWith({ secret: 'the secret' });
    mkdirSync(folder.path('folder'));
    const [ofFolder] = folder.read({ SECRET_KEY_FILE: folder.path('folder') }).faults;
    assert.match(
      String(ofFolder),
      /^SECRET_KEY_FILE: names a folder; Docker makes one where the file of a mount/,
    );
    const [below] = folder.read({ LATCHKEY_SECRET_KEY_FILE: folder.path('secret/key') }).faults;
    assert.match(String(below), /^LATCHKEY_SECRET_KEY_FILE: names a file below another file; give/);
    if (process.getuid?.() === 0) return;
    chmodSync(folder.path('secret'), 0);
    const [unreadable] = folder.read({ SECRET_KEY_FILE: folder.path('secret') }).faults;
    assert.match(String(unreadable), /^SECRET_KEY_FILE: cannot be read by this user; change/);
  });

  it('gives its text without line breaks at its end, as a variable does', () => {
    using folder = folderWith({ secret: 'the secret\r\n\r\n' });
    assert.equal(folder.read({ SECRET_KEY_FILE: folder.path('secret') }).text('SECRET_KEY'), 'the secret');
    assert.equal(folder.read({ SECRET_KEY: 'the secret\r' }).text('SECRET_KEY'), 'the secret');
  });
});

describe('a variable', () => {
  it('is refused if its value is in quotation marks or has a byte-order mark', () => {
    using folder = folderWith({});
    for (const text of [
      '"the secret"',
      "'the secret'",
      ' "the secret" ',
      '"the secret"\r',
      '\uFEFFthe secret',
    ]) {
      const { given, faults } = folder.read({ SECRET_KEY: text });
      assert.deepEqual(given, [], text);
      assert.match(
        faults.join('\n'),
        /^SECRET_KEY: (?:is in quotation marks|begins with a byte-order mark), .*; \S+/,
      );
      assert.doesNotMatch(faults.join(), /the secret/);
    }
    for (const text of ['the "secret"', '"', '"the" secret'])
      assert.equal(folder.read({ SECRET_KEY: text }).text('SECRET_KEY'), text);
  });
});

describe('a .env file', () => {
  const DOTENV = { '.env': 'PORT=5000\nSITE_NAME="Harbour Library" # the one at the pier\n' };

  it('sets what the environment leaves unset', () => {
    using folder = folderWith(DOTENV);
    const { text } = folder.read({ PORT: '' });
    assert.equal(text('PORT'), '5000');
    assert.equal(text('SITE_NAME'), 'Harbour Library');
  });

  it('never overrides the environment, in either of its two ways', () => {
    using folder = folderWith({
      '.env': 'PORT=5000\nSECRET_KEY=from-the-file\n',
      secret: 'from the environment',
    });
    const { text, faults } = folder.read({ PORT: '4000', SECRET_KEY_FILE: folder.path('secret') });
    assert.equal(text('PORT'), '4000');
    assert.equal(text('SECRET_KEY'), 'from the environment');
    assert.deepEqual(faults, []);
  });

  it('may name files, too', () => {
    using folder = folderWith({ secret: 'the secret' });
    writeFileSync(folder.path('.env'), `SECRET_KEY_FILE=${folder.path('secret')}\n`);
    assert.equal(folder.read({}).text('SECRET_KEY'), 'the secret');
  });

  it('is not read in production', () => {
    using folder = folderWith(DOTENV);
    for (const environment of [
      { NODE_ENV: 'production' },
      { BASE_URL: 'https://login.example.org' },
      { BASE_URL: ' HTTPS://login.example.org' },
    ]) {
      assert.deepEqual(folder.read(environment).given, [], JSON.stringify(environment));
    }
  });

  it('is refused, and not passed over, if its text cannot be read', () => {
    for (const bytes of [Buffer.from('\uFEFFPORT=5000'), Buffer.from('\uFEFFPORT=5000', 'utf16le')]) {
      using folder = folderWith({});
      writeFileSync(folder.path('.env'), bytes);
      assert.match(
        folder.read({}).faults.join(),
        /^\.env: (?:begins with a byte-order mark|is a text in UTF-16)/,
      );
      assert.deepEqual(folder.read({ NODE_ENV: 'production' }).faults, []);
    }
  });

  it('may be the folder of a virtual environment, or empty', () => {
    using folder = folderWith({});
    mkdirSync(folder.path('.env'));
    assert.deepEqual(folder.read({}).faults, []);
    using other = folderWith({ '.env': '\n' });
    assert.deepEqual(other.read({}).faults, []);
  });

  it('is optional', () => {
    using folder = folderWith({});
    const { given, faults } = folder.read({});
    assert.deepEqual([...given, ...faults], []);
  });
});

describe('the options of the library', () => {
  const definitions = [
    setting({ name: 'PORT', meaning: '', fallback: '1', schema: wholeNumber(1, 9_999) }),
    optionalSetting({
      name: 'SECRET_KEY',
      meaning: '',
      secret: true,
      schema: givenAs({ list: 'commas' }, z.string()),
    }),
    setting({ name: 'SITE_NAME', meaning: '', fallback: 'x', schema: line(10) }),
    setting({
      name: 'SESSION_IDLE',
      meaning: '',
      fallback: '1h',
      schema: duration({ minimum: '1m', maximum: '1d' }),
    }),
    setting({ name: 'MAGIC_LINK', meaning: '', fallback: 'off', schema: oneOf(['off', 'on']) }),
    setting({ name: 'HIBP_URL', meaning: '', fallback: 'x', schema: givenAs('url', z.string()) }),
    optionalSetting({
      name: 'ALLOWED_GROUPS',
      meaning: '',
      neverEmpty: true,
      schema: givenAs({ list: 'json' }, z.string()),
    }),
  ];

  it('are the settings in camelCase, in types of their own or as text', () => {
    const given = {
      port: 4_000,
      sessionIdle: '12h',
      siteName: undefined,
      magicLink: true,
      hibpUrl: new URL('https://example.org/x'),
      secretKey: ['new', 'old'],
      allowedGroups: ['Sales, EMEA', 'staff'],
    };
    const { text, faults } = optionSource(given, definitions);
    assert.deepEqual(faults, []);
    assert.equal(text('PORT'), '4000');
    assert.equal(text('SESSION_IDLE'), '12h');
    assert.equal(text('SITE_NAME'), undefined);
    assert.equal(text('MAGIC_LINK'), 'on');
    assert.equal(optionSource({ magicLink: 'on' }, definitions).text('MAGIC_LINK'), 'on');
    assert.equal(optionSource({ magicLink: false }, definitions).text('MAGIC_LINK'), 'off');
    assert.equal(text('HIBP_URL'), 'https://example.org/x');
    assert.equal(text('SECRET_KEY'), 'new,old');
    assert.equal(text('ALLOWED_GROUPS'), '["Sales, EMEA","staff"]');
  });

  it('are refused if they are misspelt, with the option that was meant', () => {
    const misspelt = { sesionIdle: '12h', sessionidle: '12h', PORT: 1, session_idle: '12h', nothing: '1' };
    const { faults } = optionSource(misspelt, definitions);
    const other = 'is not an option; docs/settings.md lists the settings, which are options in camelCase';
    assert.deepEqual(faults, [
      { name: 'sesionIdle', message: 'is not an option; did you mean sessionIdle?' },
      { name: 'sessionidle', message: 'is not an option; did you mean sessionIdle?' },
      { name: 'PORT', message: 'is not an option; did you mean port?' },
      { name: 'session_idle', message: 'is not an option; did you mean sessionIdle?' },
      { name: 'nothing', message: other },
    ]);
  });

  it('are refused if they are of a wrong type, without being quoted', () => {
    const wrong = { siteName: true, port: false, secretKey: ['one,two'], allowedGroups: JSON.parse('[1]') };
    assert.deepEqual(
      optionSource(wrong, definitions).faults.map(({ name, message }) => `${name}: ${message}`),
      [
        'SITE_NAME: is of a wrong type; give a text',
        'PORT: is of a wrong type; give a number',
        'SECRET_KEY: has a member that contains commas; give each member on its own',
        'ALLOWED_GROUPS: holds what is no text; give texts alone',
      ],
    );
  });

  it('A65: count as absent if they are an empty list, except one that limits who may sign in', () => {
    const { text } = optionSource({ secretKey: [], allowedGroups: [] }, definitions);
    assert.equal(text('SECRET_KEY'), undefined);
    assert.equal(text('ALLOWED_GROUPS'), '[]');
  });
});
