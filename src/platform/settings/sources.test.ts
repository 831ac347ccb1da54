import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { temporaryFolder } from '../../../tests/kit/temporary.ts';
import { givenAs } from './option-kind.ts';
import { optionalSetting, setting } from './setting.ts';
import { environmentSource, optionSource } from './sources.ts';
import { duration, line, oneOf, wholeNumber } from './values.ts';

const NAMES = ['PORT', 'SECRET_KEY', 'SITE_NAME', 'SESSION_IDLE'];

/** A folder with some files in it, and what the environment gives there. */
function folderWith(files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
  return {
    path: (name: string) => join(folder.path, name),
    read: (environment: Readonly<Record<string, string>>) => {
      const { text, faults } = environmentSource(environment, NAMES, folder.path);
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
    assert.deepEqual(faults, ['SECRET_KEY_FILE: names a file that cannot be read; give the path of one']);
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
