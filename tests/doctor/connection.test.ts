import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, it } from 'node:test';
import { getCACertificates } from 'node:tls';
import { checkFromOutside } from '../../src/operations/doctor/doctor.ts';
import type { Finding } from '../../src/operations/doctor/findings.ts';
import { siteAt } from '../../src/operations/doctor/site.ts';
import { reachInside } from '../kit/system.ts';
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

describe('latchkey doctor from outside', () => {
  it('reports a certificate from an unknown authority', async () => {
    await using site = await startSpoiltSite();
    const [finding, ...more] = wrong(await checkFromOutside(siteAt(new URL(site.origin), KNOWN)));
    assert.deepEqual(more, []);
    assert.equal(`${finding?.check}, ${finding?.verdict}`, 'certificate, fault');
    assert.match(String(finding?.what), /^is not signed by a known authority \([A-Z_]+\)$/);
  });

  it('reports that nothing answers, and nothing else', async () => {
    const origin = `https://localhost:${await freePort()}`;
    const [finding, ...more] = await checkFromOutside(siteAt(new URL(origin), KNOWN));
    assert.deepEqual(more, []);
    assert.match(String(finding?.what), /^nothing answers at https:\/\/localhost:\d+ within 5 seconds$/);
    assert.equal(finding?.verdict, 'fault');
  });

  it('reports that another server answers, without reporting each of its headers', async () => {
    await using other = await startPlain((_, outgoing) => outgoing.end('It works!'));
    const findings = await checkFromOutside(siteAt(new URL(`http://localhost:${other.port}`), KNOWN));
    assert.deepEqual(
      wrong(findings).map(({ check, what }) => `${check}: ${what}`),
      [`reachable: http://localhost:${other.port}/login answers with 200 and no form to sign in`],
    );
  });

  it('does not follow a redirect', async () => {
    let visits = 0;
    await using elsewhere = await startPlain((_, outgoing) => {
      visits += 1;
      outgoing.end();
    });
    const location = `http://localhost:${elsewhere.port}/login`;
    await using other = await startPlain((_, outgoing) => outgoing.writeHead(302, { location }).end());
    const findings = await checkFromOutside(siteAt(new URL(`http://localhost:${other.port}`), KNOWN));
    assert.match(String(wrong(findings)[0]?.what), /answers with 302/);
    assert.equal(visits, 0);
  });

  it('reports that the database cannot be used', async () => {
    await using site = await startSpoiltSite({ scheme: 'http' });
    await reachInside(site.system, 'no public function takes only the database away').core.database.close();
    const [finding, ...more] = wrong(await checkFromOutside(siteAt(new URL(site.origin), KNOWN)));
    assert.deepEqual(more, []);
    assert.equal(finding?.what, '/readyz says that the database cannot be used');
  });

  it('reports an http address that other machines are to reach as a fault', async () => {
    await using site = await startSpoiltSite({ scheme: 'http' });
    // The same machine, under a name that is not a loopback name.
    const theirs = { ...siteAt(new URL(site.origin), KNOWN), isLoopback: false };
    assert.deepEqual(
      wrong(await checkFromOutside(theirs)).map(({ check, what }) => `${check}: ${what}`),
      ['encryption: passwords travel in the clear'],
    );
  });
});

describe('latchkey doctor on plain http', () => {
  const cases = [
    ['accepts a redirect to the same site on https', 308, (origin: string) => `${origin}/login`, null],
    [
      'reports a redirect to another host',
      308,
      () => 'https://evil.example/',
      /^redirects to “https:\/\/evil\.example\/”$/,
    ],
    ['reports a redirect that stays on plain http', 301, () => '/login', /^redirects to “\/login”$/],
    ['reports a page that is served', 200, () => '', /^answers with 200$/],
  ] as const;
  for (const [what, status, locationFor, fault] of cases) {
    it(what, async () => {
      await using site = await startSpoiltSite();
      const location = locationFor(site.origin);
      await using plain = await startPlain((_, outgoing) => outgoing.writeHead(status, { location }).end());
      const authorities = [site.authority.certificate];
      const findings = await checkFromOutside(siteAt(new URL(site.origin), authorities, plain.port));
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

  it('accepts a port on which nothing listens', async () => {
    await using site = await startSpoiltSite();
    const port = await freePort();
    const findings = await checkFromOutside(siteAt(new URL(site.origin), [site.authority.certificate], port));
    assert.equal(
      findings.find(({ check }) => check === 'plain http')?.what,
      `nothing answers on port ${port}`,
    );
    assert.deepEqual(wrong(findings), []);
  });
});
