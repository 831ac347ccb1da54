import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newToken } from '../crypto/tokens.ts';
import { english } from '../words/language.ts';
import { createAnswers } from './answers.ts';
import { Context } from './context.ts';
import { createCookies } from './cookies.ts';
import { createFlows, flowOf } from './flows.ts';
import { createLinkTokens } from './link-token.ts';

const RESET = { name: 'password-reset' };
const CONFIRM = { name: 'email-confirmation' };
const PAGE = 'https://login.example.org/reset-password';
const COOKIE = '__Host-latchkey-link-';

/** What opens something until it is taken out. */
const good = new Set<string>();
const linkTokens = createLinkTokens({
  flows: createFlows(createCookies({ isSecure: true, cookiePrefix: 'latchkey' })),
  answers: createAnswers({
    isSecure: true,
    reportsPath: null,
    trustedOrigins: [],
    unauthorized: { title: '', challenge: '' },
  }),
  opens: async (_, token) => good.has(token),
});

function issue(): string {
  const token = newToken();
  good.add(token);
  return token;
}

function opened(address: string, cookie?: string) {
  const request = new Request(address, cookie === undefined ? {} : { headers: { cookie } });
  return new Context(request, {}, { clientAddress: () => 'unknown', languages: [english] });
}

/** What a link leaves in the browser, as a `Cookie` header. */
async function cookieAfter(address: string, purpose = RESET): Promise<string> {
  const context = opened(address);
  await linkTokens.receive(context, purpose);
  return [...context.cookies.values()].map((line) => line.split(';')[0] ?? '').join('; ');
}

describe('the token of a link', () => {
  it('A43: moves from the address into an HttpOnly, SameSite cookie of its own for half an hour', async () => {
    const token = issue();
    const context = opened(`${PAGE}?token=${token}&utm_source=mail#there`);
    const answer = await linkTokens.receive(context, RESET);
    const flow = flowOf(token);
    assert.deepEqual(
      [answer?.status, answer?.headers.get('location')],
      [303, `/reset-password?flow=${flow}`],
    );
    assert.doesNotMatch(JSON.stringify([...(answer?.headers ?? [])]), new RegExp(token));
    const cookie = `${COOKIE}${flow}=password-reset.${token}; Max-Age=1800; Path=/; HttpOnly; SameSite=Lax; Secure`;
    assert.equal(context.cookies.get(`link-${flow}`), cookie);
  });

  it('is read by its handle, for its own purpose alone', async () => {
    const token = issue();
    const context = opened(PAGE, await cookieAfter(`${PAGE}?token=${token}`));
    assert.equal(await linkTokens.receive(context, RESET), null, 'there is nothing more to keep');
    assert.equal(linkTokens.read(context, RESET, flowOf(token)), token);
    assert.equal(linkTokens.read(context, CONFIRM, flowOf(token)), null, 'A13');
    for (const flow of ['', flowOf(newToken()), `${flowOf(token)}x`, '../../', token])
      assert.equal(linkTokens.read(context, RESET, flow), null, flow);
    assert.equal(linkTokens.read(opened(PAGE), RESET, flowOf(token)), null);
  });

  it('A61 I04 is not read under the handle of another token, whatever the cookie holds', async () => {
    const [own, planted] = [newToken(), newToken()];
    const context = opened(PAGE, `${COOKIE}${flowOf(own)}=password-reset.${planted}`);
    assert.equal(linkTokens.read(context, RESET, flowOf(own)), null);
  });

  it('A13: is treated as none if it was damaged on the way or opens nothing', async () => {
    const invented = newToken();
    for (const broken of ['', 'x', 'null', `${invented}=`, '%00', 'a;b', '%0d%0aset-cookie:x=y', invented]) {
      const cookie = await cookieAfter(`${PAGE}?token=${broken}`);
      assert.match(cookie, /^__Host-latchkey-link-[\w-]{16}=password-reset\.$/, broken);
      const flow = cookie.slice(COOKIE.length, COOKIE.length + 16);
      assert.equal(linkTokens.read(opened(PAGE, cookie), RESET, flow), '');
    }
  });

  it('A61 evicts no other link, now or later, if it opens nothing', async () => {
    const jar = await Promise.all(Array.from({ length: 5 }, () => cookieAfter(`${PAGE}?token=${issue()}`)));
    const spent = issue();
    good.delete(spent);
    for (const token of [spent, newToken(), 'x']) {
      const context = opened(`${PAGE}?token=${token}`, jar.join('; '));
      await linkTokens.receive(context, RESET);
      assert.deepEqual([...context.cookies.keys()], [`link-${flowOf('')}`]);
    }
    const unusable = await cookieAfter(`${PAGE}?token=x`);
    const context = opened(`${PAGE}?token=${issue()}`, [...jar.slice(1), unusable].join('; '));
    await linkTokens.receive(context, RESET);
    assert.equal(context.cookies.size, 1, 'four and this one are five');
  });

  it('is cleared when it is spent or does not work', async () => {
    const token = issue();
    const context = opened(PAGE, await cookieAfter(`${PAGE}?token=${token}`));
    linkTokens.clear(context, flowOf(token));
    assert.match(String(context.cookies.get(`link-${flowOf(token)}`)), /=; Max-Age=0;/);
  });

  it('A61 stays beside the tokens of other links, of which the oldest gives way to the sixth', async () => {
    const tokens = Array.from({ length: 6 }, issue);
    const [first = '', ...others] = tokens;
    const jar = await Promise.all(tokens.slice(0, 5).map((token) => cookieAfter(`${PAGE}?token=${token}`)));
    const context = opened(`${PAGE}?token=${tokens[5]}`, jar.join('; '));
    await linkTokens.receive(context, RESET);
    assert.deepEqual(
      [...context.cookies.keys()],
      [`link-${flowOf(first)}`, `link-${flowOf(others[4] ?? '')}`],
    );
    assert.match(String(context.cookies.get(`link-${flowOf(first)}`)), /Max-Age=0/);
  });

  it('of the newest link is chosen where the address names none', async () => {
    const [older, newer] = [issue(), issue()];
    const jar = `${await cookieAfter(`${PAGE}?token=${older}`)}; ${await cookieAfter(`${PAGE}?token=${newer}`)}`;
    const chosen = (address: string, purpose = RESET) => {
      const context = opened(address, jar);
      linkTokens.choose(context, purpose);
      return context.flow;
    };
    assert.equal(chosen(PAGE), flowOf(newer));
    assert.equal(chosen(PAGE, CONFIRM), '');
    assert.equal(chosen(`${PAGE}?flow=${flowOf(older)}`), flowOf(older));
    assert.equal(chosen(`${PAGE}?flow=<x>`), '');
  });
});
