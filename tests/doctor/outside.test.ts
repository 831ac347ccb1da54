import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getCACertificates } from 'node:tls';
import { checkFromOutside } from '../../src/operations/doctor/doctor.ts';
import type { Finding } from '../../src/operations/doctor/findings.ts';
import { siteAt } from '../../src/operations/doctor/site.ts';
import { FAULTY_DEPLOYMENTS, type SpoiltSite, startSpoiltSite } from './deployments.ts';

function look({ origin, authority }: SpoiltSite): Promise<readonly Finding[]> {
  return checkFromOutside(siteAt(new URL(origin), [...getCACertificates('default'), authority.certificate]));
}

const CHECKS = [
  'reachable',
  'encryption',
  'certificate',
  'strict transport',
  'headers',
  'content policy',
  'cookies',
  'forwarded headers',
  'foreign host',
  'health',
  'software names',
];

describe('a correct deployment', () => {
  it('passes every check of latchkey doctor', async () => {
    await using site = await startSpoiltSite();
    const findings = await look(site);
    assert.deepEqual(
      findings.filter(({ verdict }) => verdict !== 'ok'),
      [],
    );
    assert.deepEqual([...new Set(findings.map(({ check }) => check))], CHECKS);
  });

  it('passes on http when it serves only this machine', async () => {
    await using site = await startSpoiltSite({ scheme: 'http' });
    const findings = await look(site);
    assert.deepEqual(
      findings.filter(({ verdict }) => verdict !== 'ok'),
      [],
    );
  });

  it('passes with CSP reports turned on', async () => {
    await using site = await startSpoiltSite({ settings: { cspReports: 'on' } });
    assert.deepEqual(
      (await look(site)).filter(({ verdict }) => verdict !== 'ok'),
      [],
    );
  });
});

describe('latchkey doctor reports a deployment that', () => {
  for (const { name, site: spoiling, check, verdict, what } of FAULTY_DEPLOYMENTS) {
    it(name, async () => {
      await using site = await startSpoiltSite(spoiling);
      const wrong = (await look(site)).filter((finding) => finding.verdict !== 'ok');
      const others = wrong.filter((finding) => finding.check !== check);
      assert.deepEqual(others, [], 'nothing else is wrong with it');
      const found = wrong.filter((finding) => finding.check === check && what.test(finding.what));
      assert.ok(found.length > 0, JSON.stringify(wrong));
      for (const finding of found) {
        assert.equal(finding.verdict, verdict);
        assert.ok('fix' in finding && finding.fix.length > 10);
      }
    });
  }
});
