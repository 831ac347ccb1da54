import { domainToASCII } from 'node:url';

/**
 * One spelling of a domain: in small ASCII letters (RFC 5891), without the dot of the root; empty if it is none. Node.js
 * would read the host of an address, and so a domain where there is more than one.
 */
export function asciiDomain(name: string): string {
  return /[/\\?#@:\s]/.test(name) ? '' : domainToASCII(name.replace(/\.$/, ''));
}

/** The same of a domain that an operator wrote, perhaps as the end of an address. */
export function writtenDomain(name: string): string {
  return asciiDomain(name.trim().replace(/^@/, ''));
}
