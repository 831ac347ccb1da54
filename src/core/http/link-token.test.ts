import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOUR } from '../clock.ts';
import type { TokenPurpose } from '../one-time-tokens/purpose.ts';
import { newToken } from '../tokens.ts';
import { createAnswers } from './answers.ts';
import { requestContext } from './context.ts';
import { createCookies } from './cookies.ts';
import { createLinkTokens } from './link-token.ts';

const RESET: TokenPurpose = { name: 'password-reset', lifetime: HOUR, meaning: 'sets a new password' };
const CONFIRM: TokenPurpose = { name: 'email-confirmation', lifetime: HOUR, meaning: 'proves an address' };
const PAGE = 'https://login.example.org/reset-password';

const linkTokens = createLinkTokens(createCookies(true), createAnswers(true));

function opened(address: string, cookie?: string) {
  const request = new Request(address, cookie === undefined ? {} : { headers: { cookie } });
  return requestContext(request, {}, () => 'unknown');
}

/** What a link leaves in the browser, as a `Cookie` header. */
function cookieAfter(address: string, purpose = RESET): string {
  const context = opened(address);
  linkTokens.receive(context, purpose);
  return String(context.cookies.get('link')).split(';')[0] ?? '';
}

describe('the token of a link', () => {
  it('A43: moves from the address into an HttpOnly, SameSite cookie for half an hour', () => {
    const token = newToken();
    const context = opened(`${PAGE}?token=${token}&utm_source=mail#there`);
    const answer = linkTokens.receive(context, RESET);
    assert.deepEqual([answer?.status, answer?.headers.get('location')], [303, '/reset-password']);
    assert.doesNotMatch(JSON.stringify([...(answer?.headers ?? [])]), new RegExp(token));
    const cookie = `__Host-latchkey-link=password-reset.${token}; Max-Age=1800; Path=/; HttpOnly; SameSite=Lax; Secure`;
    assert.equal(context.cookies.get('link'), cookie);
  });

  it('is read on its page for its own purpose alone', () => {
    const token = newToken();
    const context = opened(PAGE, cookieAfter(`${PAGE}?token=${token}`));
    assert.equal(linkTokens.receive(context, RESET), null, 'there is nothing more to keep');
    assert.equal(linkTokens.read(context, RESET), token);
    assert.equal(linkTokens.read(context, CONFIRM), null, 'A13');
    assert.equal(linkTokens.read(opened(PAGE), RESET), null);
  });

  it('A13: is treated as none if it was damaged on the way', () => {
    for (const broken of ['', 'x', 'null', `${newToken()}=`, '%00', 'a;b', '%0d%0aset-cookie:x=y']) {
      const cookie = cookieAfter(`${PAGE}?token=${broken}`);
      assert.equal(cookie, '__Host-latchkey-link=password-reset.', broken);
      assert.equal(linkTokens.read(opened(PAGE, cookie), RESET), '');
    }
  });

  it('is cleared when it is spent or does not work', () => {
    const context = opened(PAGE, cookieAfter(`${PAGE}?token=${newToken()}`));
    linkTokens.clear(context);
    assert.match(String(context.cookies.get('link')), /^__Host-latchkey-link=; Max-Age=0;/);
  });

  it('is replaced by the token of the next link', () => {
    const token = newToken();
    const context = opened(`${PAGE}?token=${token}`, cookieAfter(`${PAGE}?token=${newToken()}`));
    linkTokens.receive(context, RESET);
    assert.match(String(context.cookies.get('link')), new RegExp(token));
  });
});
