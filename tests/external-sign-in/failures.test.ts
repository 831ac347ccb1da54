import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acme, goToProvider, returnFromProvider, startTwinProvider } from '../kit/federation.ts';
import { reachInside, settleAudit, startSystem, type TestSystem } from '../kit/system.ts';

/** The last log record about a provider. */
function lastLogged({ logLines }: TestSystem) {
  const line = logLines.findLast((text) => /"event":"provider-failed"/.test(text));
  const { level, reason, code, providerSaid } = JSON.parse(String(line));
  return [level, reason, code, providerSaid];
}

/** A refusal as a provider sends it. */
async function refusedBy(
  origin: string,
  visitor: ReturnType<TestSystem['visitor']>,
  error: string,
  words: string,
) {
  const asked = (await goToProvider(visitor)).searchParams;
  const back = new URL(String(asked.get('redirect_uri')));
  back.search = String(
    new URLSearchParams({ state: String(asked.get('state')), iss: origin, error, error_description: words }),
  );
  return returnFromProvider(visitor, back);
}

const WORDS = "AADSTS50105: ada@example.org is not assigned to a role for 'Harbour' (see docs)";

describe('a failure of an identity provider', () => {
  it('P31 is logged as a warning with its code and its own text, also without a state', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider));
    const query = new URLSearchParams({ error: 'unauthorized_client', error_description: WORDS });
    await system.visitor().get(`/oauth/acme/callback?${query}`);
    const said = "AADSTS50105: … is not assigned to a role for 'Harbour' (see docs)";
    assert.deepEqual(lastLogged(system), ['warn', 'refused', 'unauthorized_client', said]);
    const visitor = system.visitor();
    await refusedBy(provider.origin, visitor, 'AADSTS50105', WORDS);
    assert.deepEqual(lastLogged(system), ['warn', 'refused', 'AADSTS50105', said]);
    assert.doesNotMatch((await visitor.get('/login')).body, /AADSTS|Harbour/, 'its words are on no page');
    await settleAudit(system);
    const { queries } = reachInside(system, 'no page shows the details of a record').core.database;
    const records = await queries.selectFrom('audit_events').select('details').execute();
    assert.equal(records.length, 2);
    for (const { details } of records) assert.doesNotMatch(details, /Harbour/, 'nor are they kept');
  });

  it('P30 P31 is not reported when the user cancels, whatever the provider calls it', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider));
    for (const error of ['access_denied', 'user_cancelled_authorize', 'user_cancelled_login']) {
      await refusedBy(provider.origin, system.visitor(), error, '');
      assert.deepEqual(lastLogged(system), ['info', 'cancelled', error, undefined]);
    }
  });

  it('P31 puts no token, address, markup or line of its own into the log, and no more than 200 characters', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider));
    const token = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';
    const words = `a <b>\n{"event":"x"}\u001b[31m ada@example.org ${token} ${'word '.repeat(1_000)}`;
    await system
      .visitor()
      .get(`/oauth/acme/callback?${new URLSearchParams({ error: `<x>${token}`, error_description: words })}`);
    const [, , code, said] = lastLogged(system);
    assert.equal(code, 'x');
    assert.match(said, /^a b \{"event":"x"\} \[31m … … word /);
    assert.ok(said.length <= 200);
  });

  it('P39 names the issuer that the provider uses where the settings have another', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider));
    const issuer = `${provider.origin}/realms/one`;
    provider.faults = { metadata: { issuer } };
    const visitor = system.visitor();
    await visitor.post('/oauth/acme', { csrf: await visitor.token('/login') });
    assert.deepEqual(lastLogged(system), ['warn', 'invalid', 'issuer-differs', issuer]);
  });
});
