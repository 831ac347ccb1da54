import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPath } from './file-path.ts';

const LINUX = { platform: 'linux', home: '/home/ada' } as const;
const WINDOWS = { platform: 'win32', home: 'C:\\Users\\ada' } as const;

/** What is written, and the path on Linux and on Windows; null where it is refused. */
const PATHS = [
  ['data/users.db', 'data/users.db', 'data/users.db'],
  ['/srv/users.db', '/srv/users.db', '/srv/users.db'],
  ['~', '/home/ada', 'C:\\Users\\ada'],
  ['~/', '/home/ada', 'C:\\Users\\ada'],
  ['~/data/users.db', '/home/ada/data/users.db', 'C:\\Users\\ada\\data\\users.db'],
  ['~/../bob/users.db', '/home/bob/users.db', 'C:\\Users\\bob\\users.db'],
  ['~\\users.db', null, 'C:\\Users\\ada\\users.db'],
  ['~bob/users.db', null, null],
  ['~backup', null, null],
  ['~+/users.db', null, null],
  ['./~backup', './~backup', './~backup'],
  ['data/~/users.db', 'data/~/users.db', 'data/~/users.db'],
  ['C:\\data\\users.db', null, 'C:\\data\\users.db'],
  ['c:/data/users.db', null, 'c:/data/users.db'],
  ['/C:/data/users.db', '/C:/data/users.db', 'C:/data/users.db'],
  ['\\\\server\\share\\users.db', null, '\\\\server\\share\\users.db'],
  ['data\\users.db', null, 'data\\users.db'],
  ['c:users.db', 'c:users.db', 'c:users.db'],
] as const;

describe('a path', () => {
  it('P80: names the file that its writer means, or is refused, on each system', () => {
    for (const [text, onLinux, onWindows] of PATHS) {
      const [linux, windows] = [readPath(text, LINUX), readPath(text, WINDOWS)];
      assert.equal(linux.ok ? linux.path : null, onLinux, `${text} on Linux`);
      assert.equal(windows.ok ? windows.path : null, onWindows, `${text} on Windows`);
    }
  });

  it('P80: is refused with what would be right', () => {
    for (const [text, words, rules] of [
      ['~', /no home folder; give the whole path/, { platform: 'linux', home: '' }],
      ['~bob/x', /which only shells know; give the whole path/, LINUX],
      ['D:\\x', /is a path of Windows, and this system is another; give one such as/, LINUX],
    ] as const) {
      const reading = readPath(text, rules);
      assert.ok(!reading.ok);
      assert.match(reading.problem, words);
    }
  });
});
