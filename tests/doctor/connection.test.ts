import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, it } from 'node:test';
import { getCACertificates } from 'node:tls';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { lookFromOutside } from '../../src/cli/doctor/outside/outside.ts';
import { siteAt } from '../../src/cli/doctor/outside/site.ts';
import { freePort } from '../kit/temporary.ts';
import { startSpoiltSite } from './deployments.ts';

const KNOWN = getCACertificates('default');

async function startPlain(listener: RequestListener): Promise<AsyncDisposable & { readonly port: number }> {
  const port = await freePort();
  const server = createServer(listener).listen(port, 'localhost');
  await once(server, 'listening');
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const wrong = (findings: readonly Finding[]) => findings.filter(({ verdict }) => verdict !== 'ok');

describe('the doctor', () => {
  it('finds out a certificate that nobody known vouches for', async () => {
    await using site = await startSpoiltSite();
    const [finding, ...more] = wrong(await lookFromOutside(siteAt(new URL(site.origin), KNOWN)));
    assert.deepEqual(more, []);
    assert.equal(`${finding?.check}, ${finding?.verdict}`, 'certificate, fault');
    assert.match(String(finding?.what), /^is not vouched for by a known authority \([A-Z_]+\)$/);
  });

  it('says that nothing answers, and nothing else', async () => {
    const origin = `https://localhost:${await freePort()}`;
    const [finding, ...more] = await lookFromOutside(siteAt(new URL(origin), KNOWN));
    assert.deepEqual(more, []);
    assert.match(String(finding?.what), /^nothing answers at https:\/\/localhost:\d+ within 5 seconds$/);
    assert.equal(finding?.verdict, 'fault');
  });

  it('says that something else answers, and does not fault its every header', async () => {
    await using other = await startPlain((_, outgoing) => outgoing.end('It works!'));
    const findings = await lookFromOutside(siteAt(new URL(`http://localhost:${other.port}`), KNOWN));
    assert.deepEqual(
      wrong(findings).map(({ check, what }) => `${check}: ${what}`),
      [`reachable: http://localhost:${other.port}/login answers with 200 and no form to sign in`],
    );
  });

  it('is not led elsewhere by a redirect', async () => {
    let visits = 0;
    await using elsewhere = await startPlain((_, outgoing) => {
      visits += 1;
      outgoing.end();
    });
    const location = `http://localhost:${elsewhere.port}/login`;
    await using other = await startPlain((_, outgoing) => outgoing.writeHead(302, { location }).end());
    const findings = await lookFromOutside(siteAt(new URL(`http://localhost:${other.port}`), KNOWN));
    assert.match(String(wrong(findings)[0]?.what), /answers with 302/);
    assert.equal(visits, 0);
  });

  it('hears of a database that is away', async () => {
    await using site = await startSpoiltSite({ scheme: 'http' });
    await site.system.system.core.database.close();
    const [finding, ...more] = wrong(await lookFromOutside(siteAt(new URL(site.origin), KNOWN)));
    assert.deepEqual(more, []);
    assert.equal(finding?.what, '/readyz says that the database cannot be used');
  });

  it('faults an http address that others are to reach', async () => {
    await using site = await startSpoiltSite({ scheme: 'http' });
    // The same machine, under a name that is not its loopback’s.
    const theirs = { ...siteAt(new URL(site.origin), KNOWN), isLoopback: false };
    assert.deepEqual(
      wrong(await lookFromOutside(theirs)).map(({ check, what }) => `${check}: ${what}`),
      ['encryption: passwords travel in the clear'],
    );
  });
});

describe('whoever comes by plain http', () => {
  const cases = [
    ['is sent to the same site on https', 308, (origin: string) => `${origin}/login`, null],
    ['is sent elsewhere', 308, () => 'https://evil.example/', /^redirects to “https:\/\/evil\.example\/”$/],
    ['is sent in a circle', 301, () => '/login', /^redirects to “\/login”$/],
    ['gets the page', 200, () => '', /^answers with 200$/],
  ] as const;
  for (const [what, status, locationFor, fault] of cases) {
    it(what, async () => {
      await using site = await startSpoiltSite();
      const location = locationFor(site.origin);
      await using plain = await startPlain((_, outgoing) => outgoing.writeHead(status, { location }).end());
      const authorities = [site.authority.certificate];
      const findings = await lookFromOutside(siteAt(new URL(site.origin), authorities, plain.port));
      const ofIt = findings.filter(({ check }) => check === 'plain http');
      assert.equal(ofIt.length, 1);
      assert.equal(ofIt[0]?.verdict, fault === null ? 'ok' : 'fault');
      assert.match(String(ofIt[0]?.what), fault ?? /^redirects to https$/);
      assert.deepEqual(
        wrong(findings),
        ofIt.filter(({ verdict }) => verdict !== 'ok'),
      );
    });
  }

  it('finds nobody, which is as good', async () => {
    await using site = await startSpoiltSite();
    const port = await freePort();
    const findings = await lookFromOutside(siteAt(new URL(site.origin), [site.authority.certificate], port));
    assert.equal(
      findings.find(({ check }) => check === 'plain http')?.what,
      `nothing answers on port ${port}`,
    );
    assert.deepEqual(wrong(findings), []);
  });
});
