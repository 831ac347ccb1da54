import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TokenPurpose } from '../../auth/one-time-tokens/purpose.ts';
import { newToken } from '../crypto/tokens.ts';
import { HOUR } from '../runtime/clock.ts';
import { createAnswers } from './answers.ts';
import { requestContext } from './context.ts';
import { createCookies } from './cookies.ts';
import { createFlows, flowOf } from './flows.ts';
import { createLinkTokens } from './link-token.ts';

const RESET: TokenPurpose = { name: 'password-reset', lifetime: HOUR, meaning: 'sets a new password' };
const CONFIRM: TokenPurpose = { name: 'email-confirmation', lifetime: HOUR, meaning: 'proves an address' };
const PAGE = 'https://login.example.org/reset-password';
const COOKIE = '__Host-latchkey-link-';

const linkTokens = createLinkTokens(createFlows(createCookies(true)), createAnswers(true));

function opened(address: string, cookie?: string) {
  const request = new Request(address, cookie === undefined ? {} : { headers: { cookie } });
  return requestContext(request, {}, () => 'unknown');
}

/** What a link leaves in the browser, as a `Cookie` header. */
function cookieAfter(address: string, purpose = RESET): string {
  const context = opened(address);
  linkTokens.receive(context, purpose);
  return [...context.cookies.values()].map((line) => line.split(';')[0] ?? '').join('; ');
}

describe('the token of a link', () => {
  it('A43: moves from the address into an HttpOnly, SameSite cookie of its own for half an hour', () => {
    const token = newToken();
    const context = opened(`${PAGE}?token=${token}&utm_source=mail#there`);
    const answer = linkTokens.receive(context, RESET);
    const flow = flowOf(token);
    assert.deepEqual(
      [answer?.status, answer?.headers.get('location')],
      [303, `/reset-password?flow=${flow}`],
    );
    assert.doesNotMatch(JSON.stringify([...(answer?.headers ?? [])]), new RegExp(token));
    const cookie = `${COOKIE}${flow}=password-reset.${token}; Max-Age=1800; Path=/; HttpOnly; SameSite=Lax; Secure`;
    assert.equal(context.cookies.get(`link-${flow}`), cookie);
  });

  it('is read by its handle, for its own purpose alone', () => {
    const token = newToken();
    const context = opened(PAGE, cookieAfter(`${PAGE}?token=${token}`));
    assert.equal(linkTokens.receive(context, RESET), null, 'there is nothing more to keep');
    assert.equal(linkTokens.read(context, RESET, flowOf(token)), token);
    assert.equal(linkTokens.read(context, CONFIRM, flowOf(token)), null, 'A13');
    for (const flow of ['', flowOf(newToken()), `${flowOf(token)}x`, '../../', token])
      assert.equal(linkTokens.read(context, RESET, flow), null, flow);
    assert.equal(linkTokens.read(opened(PAGE), RESET, flowOf(token)), null);
  });

  it('A61 I04 is not read under the handle of another token, whatever the cookie holds', () => {
    const [own, planted] = [newToken(), newToken()];
    const context = opened(PAGE, `${COOKIE}${flowOf(own)}=password-reset.${planted}`);
    assert.equal(linkTokens.read(context, RESET, flowOf(own)), null);
  });

  it('A13: is treated as none if it was damaged on the way', () => {
    for (const broken of ['', 'x', 'null', `${newToken()}=`, '%00', 'a;b', '%0d%0aset-cookie:x=y']) {
      const cookie = cookieAfter(`${PAGE}?token=${broken}`);
      assert.match(cookie, /^__Host-latchkey-link-[\w-]{16}=password-reset\.$/, broken);
      const flow = cookie.slice(COOKIE.length, COOKIE.length + 16);
      assert.equal(linkTokens.read(opened(PAGE, cookie), RESET, flow), '');
    }
  });

  it('is cleared when it is spent or does not work', () => {
    const token = newToken();
    const context = opened(PAGE, cookieAfter(`${PAGE}?token=${token}`));
    linkTokens.clear(context, flowOf(token));
    assert.match(String(context.cookies.get(`link-${flowOf(token)}`)), /=; Max-Age=0;/);
  });

  it('A61 stays beside the tokens of other links, of which the oldest gives way to the sixth', () => {
    const tokens = Array.from({ length: 6 }, newToken);
    const [first = '', ...others] = tokens;
    const jar = tokens.slice(0, 5).map((token) => cookieAfter(`${PAGE}?token=${token}`));
    const context = opened(`${PAGE}?token=${tokens[5]}`, jar.join('; '));
    linkTokens.receive(context, RESET);
    assert.deepEqual(
      [...context.cookies.keys()],
      [`link-${flowOf(first)}`, `link-${flowOf(others[4] ?? '')}`],
    );
    assert.match(String(context.cookies.get(`link-${flowOf(first)}`)), /Max-Age=0/);
  });

  it('of the newest link is chosen where the address names none', () => {
    const [older, newer] = [newToken(), newToken()];
    const jar = [older, newer].map((token) => cookieAfter(`${PAGE}?token=${token}`)).join('; ');
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
