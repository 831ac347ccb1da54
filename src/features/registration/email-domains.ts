import { disposableEmailBlocklistSet } from 'disposable-email-domains-js';
import { z } from 'zod';
import { givenAs, refuse } from '../../platform/settings/index.ts';
import { type EmailAddress, emailKey } from '../../platform/text/index.ts';

/** Whether addresses of its provider are not accepted here. */
export type BlockedEmailDomains = (address: EmailAddress) => boolean;

export type BlockedDomainRules = {
  /** Whether the domains of disposable mailboxes are blocked. */
  readonly disposable: boolean;
  /** Domains that are blocked in any case, in their canonical form. */
  readonly domains: readonly string[];
};

/** A domain is blocked with all that are below it. The list of disposable ones is loaded only if it is used. */
export function createBlockedEmailDomains({ disposable, domains }: BlockedDomainRules): BlockedEmailDomains {
  const blocked = disposable ? disposableEmailBlocklistSet() : new Set<string>();
  for (const domain of domains) blocked.add(domain);
  return ({ key }) => domainAndParents(domainOf(key)).some((domain) => blocked.has(domain));
}

function domainOf(key: string): string {
  return key.slice(key.lastIndexOf('@') + 1);
}

function domainAndParents(domain: string): readonly string[] {
  const labels = domain.split('.');
  return labels.map((_, position) => labels.slice(position).join('.'));
}

/** Domains separated by commas, as a setting; each is brought to the form that addresses have. */
export const domainList: z.ZodType<readonly string[], string> = givenAs(
  { list: 'commas' },
  z.string().transform((text, context) => {
    const given = text
      .split(',')
      .map((domain) => domain.trim())
      .filter((domain) => domain !== '');
    const keys = given.map((domain) => emailKey(`someone@${domain}`));
    const domains = keys.flatMap((key) => (key === null ? [] : [domainOf(key)]));
    if (domains.length === given.length && domains.length > 0) return domains;
    return refuse(context, 'is no list of domains; give domains such as example.com, separated by commas');
  }),
);
