import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startSystem } from '../../../tests/kit/system.ts';
import { ADA } from '../../../tests/kit/visitor.ts';
import { parseEmailAddress } from '../../platform/text/email-address.ts';
import { type BlockedDomainRules, createBlockedEmailDomains, domainList } from './email-domains.ts';

function isBlocked(typed: string, rules: Partial<BlockedDomainRules> = {}): boolean {
  const address = parseEmailAddress(typed);
  assert.ok(address.ok, typed);
  return createBlockedEmailDomains({ disposable: false, domains: [], ...rules })(address);
}

describe('a blocked email domain', () => {
  it('includes its subdomains, and no similar domains', () => {
    const domains = ['example.com', 'mail.example.org'];
    for (const address of ['a@example.com', 'a@EXAMPLE.com', 'a@b.c.example.com', 'a@mail.example.org'])
      assert.equal(isBlocked(address, { domains }), true, address);
    for (const address of ['a@example.org', 'a@notexample.com', 'example.com@b.org', 'a@example.com.au'])
      assert.equal(isBlocked(address, { domains }), false, address);
  });

  it('A31: is the same in every spelling', () => {
    const domains = domainList.parse(' Bücher.example , MAIL.example');
    assert.deepEqual(domains, ['xn--bcher-kva.example', 'mail.example']);
    assert.equal(isBlocked('a@BÜCHER.example', { domains }), true);
    for (const wrong of ['', ' , ', 'example', 'a@example.com', 'http://example.com', '*.example.com'])
      assert.equal(domainList.safeParse(wrong).success, false, wrong);
  });

  it('can be any provider of disposable addresses, if configured', () => {
    for (const address of ['a@mailinator.com', 'a@b.mailinator.com', 'a@guerrillamail.com']) {
      assert.equal(isBlocked(address, { disposable: true }), true, address);
      assert.equal(isBlocked(address), false, address);
    }
    for (const provider of ['gmail.com', 'outlook.com', 'proton.me', 'mozmail.com', 'example.org'])
      assert.equal(isBlocked(`a@${provider}`, { disposable: true }), false, provider);
  });

  it('is refused beside the email field, before anything is hashed', async () => {
    await using system = await startSystem({
      blockDisposableEmail: 'on',
      blockedEmailDomains: 'example.com',
    });
    for (const email of ['ada@mailinator.com', 'ada@mail.example.com']) {
      const answer = await system.visitor().register(ADA.username, ADA.password, email);
      assert.equal(answer.status, 422);
      assert.match(answer.body, /id="email-problem">Addresses of this provider are not accepted here/);
    }
    assert.equal(system.hasher.counts.hashes, 0);
    const other = await system.visitor().register(ADA.username, ADA.password, 'ada@example.org');
    assert.equal(other.status, 303);
  });
});
