import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import { acme, connectAt, identitiesIn, leadsTo, signInAt, startTwinProvider } from '../kit/federation.ts';
import { newReset, openAndReset, RESET, startWithAda } from '../kit/mailed-links.ts';
import { reachInside } from '../kit/system.ts';
import { ADA, isSignedIn } from '../kit/visitor.ts';

const PAGE = '/account/connections';
const NEW_PASSWORD = 'four grey herons on a pier';

onEveryDatabase('an identity provider that an attacker has connected', (engine) => {
  it('A11: is disconnected by a password reset if the owner chooses that, and otherwise stays', async () => {
    await using provider = await startTwinProvider();
    await using system = await startWithAda(engine, acme(provider, { email: 'required' }));
    const thief = system.visitor();
    await thief.signIn(ADA.username, ADA.password);
    provider.profile = { sub: 'the-thief' };
    assert.equal((await connectAt(thief, provider)).location, PAGE);
    const owner = system.visitor();
    await openAndReset(owner, await newReset(system), NEW_PASSWORD);
    assert.equal((await signInAt(thief, provider)).location, '/dashboard', 'nobody has said so');
    await owner.get(await newReset(system));
    assert.match((await owner.get(RESET)).body, /name="disconnect"[^>]*>\s*<label[^>]*>Disconnect Acme, too/);
    const weak = await owner.submit(RESET, { 'new-password': 'short', disconnect: 'on' });
    assert.match(weak.body, /name="disconnect"[^>]* checked/);
    await owner.submit(RESET, { 'new-password': `another ${NEW_PASSWORD}`, disconnect: 'on' });
    assert.deepEqual(await identitiesIn(system), []);
    assert.equal(await isSignedIn(thief), false);
    assert.equal((await signInAt(thief, provider)).location, '/register/connected');
  });

  it('A11: is disconnected by a password reset even if it is connected at the same moment', async () => {
    await using provider = await startTwinProvider();
    await using system = await startWithAda(engine, acme(provider, { email: 'required' }));
    const thief = system.visitor();
    await thief.signIn(ADA.username, ADA.password);
    const owner = system.visitor();
    await owner.get(await newReset(system));
    const csrf = await owner.token(RESET);
    const page = leadsTo(await thief.submit('/account/connections', { connect: 'acme' }));
    const { pathname, search } = provider.signIn(page);

    const { core } = reachInside(system, 'the race must begin between two statements');
    const { notices, otherWaysIn, lifecycle } = core;
    const [reached, released, further] = [0, 1, 2].map(() => Promise.withResolvers<void>());
    assert.ok(reached && released && further);
    const { queue } = notices;
    const { forget } = otherWaysIn;
    const { signOut } = lifecycle;
    Object.assign(notices, {
      // The connection is written, and not yet kept.
      queue: async (...about: Parameters<typeof queue>) => {
        Object.assign(notices, { queue });
        reached.resolve();
        await released.promise;
        return queue(...about);
      },
    });
    const connecting = thief.get(pathname + search);
    await reached.promise;
    // The reset goes as far as it comes: it has taken away what it sees, or waits for the session.
    Object.assign(otherWaysIn, {
      forget: async (...about: Parameters<typeof forget>) => {
        await forget(...about);
        further.resolve();
      },
    });
    Object.assign(lifecycle, {
      signOut: (...about: Parameters<typeof signOut>) => {
        further.resolve();
        return signOut(...about);
      },
    });
    const resetting = owner.post(RESET, { csrf, 'new-password': NEW_PASSWORD, disconnect: 'on' });
    // Elsewhere it waits before it comes so far: for the only writer, or for the row that the connection refers to.
    if (engine.name === 'PostgreSQL') await further.promise;
    released.resolve();
    await connecting;
    assert.equal((await resetting).location, '/login');
    assert.deepEqual(await identitiesIn(system), []);
    assert.equal((await signInAt(thief, provider)).location, '/register/connected');
  });
});
