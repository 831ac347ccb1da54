import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flowOf } from '../src/platform/web/index.ts';
import { english } from '../src/platform/words/language.ts';
import {
  beginDevice,
  DEVICE_PAGE,
  decideOn,
  enterCode,
  NEW_TOKEN,
  READ,
  TOKENS_PAGE,
  tokenOn,
  WITH_TOKENS,
} from './kit/api-tokens.ts';
import { LISTED_PASSWORD, NEW_PASSWORD_STEP, setPassword } from './kit/breached-passwords.ts';
import {
  acme,
  CONNECTIONS_PAGE,
  combine,
  connectProvider,
  NEW_USER_PAGE,
  signInWithProvider,
  startTwinProvider,
} from './kit/federation.ts';
import {
  ADDRESS,
  ASK,
  BY_INVITATION,
  createInvitation,
  newestConfirmation,
  newestLink,
  OPEN,
  openAndConfirm,
  openInvitation,
  registerAda,
  requestLink,
  SENT,
} from './kit/mailed-links.ts';
import { contentOf, lettersOutside, pseudoLanguage } from './kit/pseudo-language.ts';
import { settleAudit, startSystem, type TestOptions, type TestSystem } from './kit/system.ts';
import {
  ADA,
  type Answer,
  type Fields,
  newAddress,
  registerAndSignIn,
  type Visitor,
  WRONG_PASSWORD,
} from './kit/visitor.ts';

/** Dates are written as the locale of the language says. */
const OF_DATES = ['Jan', 'UTC'];

const IN_PSEUDO = { 'accept-language': 'qps' };

function startPseudo(options: TestOptions = {}): Promise<TestSystem> {
  return startSystem(options, undefined, { languages: [english, pseudoLanguage] });
}

/** Fails for a word in another language. @param given what the page contains besides words, such as names */
function assertTranslated({ body }: Answer, given: readonly string[] = []): void {
  const content = contentOf(body);
  assert.match(content, /ж/);
  assert.deepEqual(lettersOutside(content, [...given, ...OF_DATES]), [], content);
}

/** A page of a form, and the same after the form was refused. */
async function assertFormTranslated(
  visitor: Visitor,
  path: string,
  refused: Fields,
  given: readonly string[] = [],
): Promise<void> {
  assertTranslated(await visitor.get(path, IN_PSEUDO), given);
  const answer = await visitor.submit(path, refused, IN_PSEUDO);
  assert.equal(answer.status, 422);
  assertTranslated(answer, given);
}

describe('a page in another language', () => {
  it('has all its words in it: the request, the code and the link of a sign-in by mail', async () => {
    await using system = await startPseudo({ email: 'required', magicLink: 'on' });
    await openAndConfirm(await registerAda(system), (await newestConfirmation(system)).path);
    const [ada, other] = [system.visitor(), system.visitor()];
    await assertFormTranslated(ada, ASK, { username: '' });
    await requestLink(system, ada, ADA.username);
    await assertFormTranslated(ada, SENT, { code: '' });
    for (let times = 0; times < 5; times += 1) await ada.submit(SENT, { code: 'x' });
    assertTranslated(await ada.submit(SENT, { code: 'x' }, IN_PSEUDO));
    assertTranslated(await ada.get(OPEN, IN_PSEUDO));
    const { path } = await newestLink(system);
    for (const visitor of [ada, other]) await visitor.get(path);
    assertTranslated(await ada.get(OPEN, IN_PSEUDO), [ADA.username]);
    const elsewhere = await other.get(OPEN, IN_PSEUDO);
    assert.equal(elsewhere.status, 409);
    assertTranslated(elsewhere);
    await other.get(`${OPEN}?token=none`);
    assertTranslated(await other.get(OPEN, IN_PSEUDO));
  });

  it('has all its words in it: the way to a provider and back, and the registration after it', async () => {
    const provider = await startTwinProvider();
    await using started = combine(provider, await startPseudo(acme(provider, { email: 'required' })));
    const { system } = started;
    const [eve, ada] = [system.visitor(), system.visitor()];
    const start = async (visitor: Visitor) =>
      visitor.post('/oauth/acme', { csrf: await visitor.token('/login') }, IN_PSEUDO);
    assertTranslated(await start(eve), ['Acme']);
    await eve.get('/oauth/acme/callback?error=access_denied');
    assertTranslated(await eve.get('/login', IN_PSEUDO), ['Acme']);
    await openAndConfirm(await registerAda(system), (await newestConfirmation(system)).path);
    for (const email_verified of [false, true]) {
      provider.profile = { sub: 'ada-there', email: ADDRESS, email_verified };
      await signInWithProvider(ada, provider);
      await assertFormTranslated(ada, NEW_USER_PAGE, { username: '', email: '' }, ['Acme', ADDRESS]);
    }
    const busy = system.visitorFrom(newAddress());
    for (let count = 0; count < 300; count += 1) await start(busy);
    const refused = await start(busy);
    assert.equal(refused.status, 429);
    assertTranslated(refused);
  });

  it('has all its words in it: the connections of an account', async () => {
    const provider = await startTwinProvider();
    await using started = combine(provider, await startPseudo(acme(provider)));
    const ada = await registerAndSignIn(started.system.visitor());
    assertTranslated(await ada.get(CONNECTIONS_PAGE, IN_PSEUDO), ['Acme']);
    provider.profile = { sub: 'ada-there', email: ADDRESS };
    await connectProvider(ada, provider);
    assertTranslated(await ada.get(CONNECTIONS_PAGE, IN_PSEUDO), ['Acme', ADDRESS]);
    assertTranslated(await ada.get('/account', IN_PSEUDO), [ADA.username]);
  });

  it('has all its words in it: the choice of another password at sign-in', async () => {
    await using system = await startPseudo();
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await setPassword(system, ADA.username, LISTED_PASSWORD);
    await ada.signIn(ADA.username, LISTED_PASSWORD);
    await assertFormTranslated(ada, NEW_PASSWORD_STEP, { 'new-password': 'short' }, [ADA.username]);
  });

  it('has all its words in it: the account, its deletion and a refused export', async () => {
    await using system = await startPseudo();
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password, ADDRESS);
    for (const _ of [1, 2]) await system.visitor().signIn(ADA.username, WRONG_PASSWORD);
    await ada.signIn(ADA.username, ADA.password);
    await settleAudit(system);
    assertTranslated(await ada.get('/account', IN_PSEUDO), [ADA.username, ADDRESS]);
    assertTranslated(await ada.get('/account/delete', IN_PSEUDO), [ADA.username]);
    for (let count = 0; count < 5; count += 1) await ada.get('/account/export');
    const refused = await ada.get('/account/export', IN_PSEUDO);
    assert.equal(refused.status, 429);
    assert.match(contentOf(refused.body), /ж/);
  });

  it('has all its words in it: registration, with and without an invitation', async () => {
    for (const email of ['optional', 'required', 'off'] as const) {
      await using system = await startPseudo({ email });
      const refused = { username: 'x', email: 'y', password: 'z' };
      await assertFormTranslated(system.visitor(), '/register', refused);
      const trapped = await system.visitor().submit('/register', { ...ADA, comment: 'x' }, IN_PSEUDO);
      assertTranslated(trapped, [ADA.username]);
      for (const invitation of [{}, { email: ADDRESS }]) {
        const token = await createInvitation(system, invitation);
        const page = `/register?flow=${flowOf(token)}`;
        assertTranslated(await (await openInvitation(system, token)).get(page, IN_PSEUDO));
      }
    }
  });

  it('has all its words in it: API tokens, and the devices that ask for them', async () => {
    await using system = await startPseudo(WITH_TOKENS);
    const ada = await registerAndSignIn(system.visitor());
    const scopes = ['notes:read', 'notes:write'];
    const given = [ADA.username, ...scopes, 'laptop', 'notes-cli', 'notes-cli/1.0'];
    assertTranslated(await ada.get(TOKENS_PAGE, IN_PSEUDO), given);
    await assertFormTranslated(ada, NEW_TOKEN, { name: '', expires: '' }, given);
    const created = await ada.submit(NEW_TOKEN, READ, IN_PSEUDO);
    assertTranslated({ ...created, body: created.body.replaceAll(tokenOn(created), '') }, given);
    assertTranslated(await ada.get(TOKENS_PAGE, IN_PSEUDO), given);
    assertTranslated(await ada.get('/account', IN_PSEUDO), given);
    const shown = 'WDJB-MJHT';
    await assertFormTranslated(ada, DEVICE_PAGE, { 'user-code': '' }, [...given, shown]);
    const { user_code } = await beginDevice(system);
    const page = await enterCode(ada, user_code);
    assertTranslated(await ada.get(page, IN_PSEUDO), [...given, user_code]);
    await decideOn(ada, page, 'deny');
    assertTranslated(await ada.get(TOKENS_PAGE, IN_PSEUDO), given);
  });

  it('has all its words in it: each reason not to register', async () => {
    await using closed = await startPseudo({ registration: 'closed' });
    assertTranslated(await closed.visitor().get('/register', IN_PSEUDO));
    await using invited = await startPseudo(BY_INVITATION);
    assertTranslated(await invited.visitor().get('/register', IN_PSEUDO));
    const visitor = await openInvitation(invited, 'invented');
    assertTranslated(await visitor.get('/register', IN_PSEUDO));
  });
});
