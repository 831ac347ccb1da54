import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { locationRecord, writeGeoipDatabase } from '../../../tests/kit/geoip-database.ts';
import { temporaryFolder } from '../../../tests/kit/temporary.ts';
import { geoipDatabase } from './index.ts';

const BERLIN = locationRecord('Berlin', 'Germany');

describe('the approximate location of an address', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'places.mmdb');
  const privateAddresses = [
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '127.0.0.1',
    '169.254.1.1',
    '100.64.0.1',
    '198.18.0.1',
    '240.0.0.1',
  ];
  const privateV6 = ['::1', 'fd00::1', 'fe80::1'];
  const inside = Object.fromEntries([...privateAddresses, ...privateV6].map((address) => [address, BERLIN]));
  writeGeoipDatabase(path, {
    '8.8.8.7': BERLIN,
    '9.9.9.4': locationRecord(null, 'Peru'),
    '1.1.1.9': { city: { geoname_id: 1 } },
    '2606:4700::5': locationRecord('Lyon', 'France'),
    ...inside,
  });
  const open = geoipDatabase.parse(path);
  const geolocate = (address: string) => open(address, 'en');

  it('is its city and country, or its country alone, for IPv4 and IPv6', () => {
    assert.equal(geolocate('8.8.8.7'), 'Berlin, Germany');
    assert.equal(geolocate('9.9.9.4'), 'Peru');
    assert.equal(geolocate('2606:4700::5'), 'Lyon, France');
  });

  it('is unknown if the database does not know the address or has its record in another form', () => {
    assert.equal(geolocate('8.8.8.8'), null);
    assert.equal(geolocate('1.1.1.9'), null);
  });

  it('is unknown for private, reserved and loopback addresses, whatever the database says', () => {
    for (const address of Object.keys(inside)) assert.equal(geolocate(address), null, address);
  });

  it('is unknown for text that is no address', () => {
    for (const text of ['unknown', '', '8.8.8.7:443', '<b>', '1.2.3', '٣.٣.٣.٣']) {
      assert.equal(geolocate(text), null, text);
    }
  });
});

describe('a database of places', () => {
  function problemOf(path: string): string | undefined {
    return geoipDatabase.safeParse(path).error?.issues[0]?.message;
  }

  it('is a settings error if it cannot be read, is another file, or is truncated', () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'places.mmdb');
    assert.match(
      String(problemOf(path)),
      /^names a file that cannot be read; give the path of an \.mmdb file/,
    );
    writeFileSync(path, 'a text');
    assert.match(String(problemOf(path)), /^is not a database in MaxMind’s format; /);
    writeGeoipDatabase(path, { '8.8.8.7': BERLIN });
    assert.equal(problemOf(path), undefined);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 40));
    assert.match(String(problemOf(path)), /^is not a database in MaxMind’s format; /);
  });

  it('is a settings error if it holds something other than places', () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'networks.mmdb');
    writeGeoipDatabase(path, { '8.8.8.7': { autonomous_system_number: 64_496 } }, 'Test-ASN');
    assert.match(String(problemOf(path)), /^is a database of something else than places; /);
  });

  it('yields no place, and no error, where it is damaged', () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'places.mmdb');
    writeGeoipDatabase(path, { '8.8.8.7': BERLIN });
    const bytes = readFileSync(path);
    bytes.fill(0xff, bytes.indexOf('Berlin') - 12, bytes.indexOf('Berlin') + 4);
    writeFileSync(path, bytes);
    assert.equal(geoipDatabase.parse(path)('8.8.8.7', 'en'), null);
  });
});
