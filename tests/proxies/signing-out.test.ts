import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startNginx } from '../../scripts/provide/nginx.ts';
import {
  acme,
  goToProvider,
  redirectTarget,
  registerWithProvider,
  startTwinProvider,
} from '../kit/federation.ts';
import { startHttpServer } from '../kit/system.ts';
import { freePort } from '../kit/temporary.ts';
import { createVisitor, isSignedIn } from '../kit/visitor.ts';

describe('signing out behind nginx with its default buffers', () => {
  it('P38 leads to the provider, whatever the size of the ID token', async () => {
    await using provider = await startTwinProvider();
    const groups = Array.from({ length: 200 }, (_, number) => `a group with a name like others ${number}`);
    provider.faults = { metadata: { end_session_endpoint: `${provider.origin}/end` } };
    provider.profile = { sub: 'ada-there', email: 'ada@example.org', groups };
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    await using server = await startHttpServer(acme(provider, { baseUrl: origin, oidcAcmeLogout: 'both' }));
    const nginx = await startNginx(port, [server.port]);
    try {
      const ada = createVisitor(fetch, origin);
      assert.equal((await goToProvider(ada)).origin, provider.origin);
      await registerWithProvider(ada, provider, 'Ada');
      assert.equal(await isSignedIn(ada), true);
      const answer = await ada.signOut();
      assert.equal(answer.status, 200);
      const { pathname, searchParams } = redirectTarget(answer);
      assert.equal(pathname, '/end');
      assert.equal(searchParams.get('post_logout_redirect_uri'), `${origin}/login`);
      assert.equal(await isSignedIn(ada), false);
    } finally {
      await nginx.stop();
    }
  });
});
