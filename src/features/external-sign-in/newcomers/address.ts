import type { Core } from '../../../auth/core.ts';
import { type EmailAddress, parseEmailAddress } from '../../../platform/text/email-address.ts';
import { emailProblem, type Invited, type NameRules } from '../../registration/index.ts';
import type { Newcomer } from './newcomer.ts';

/**
 * Which address a newcomer’s account gets. `proven`: the provider’s, which is taken as confirmed. `asked`: one that they
 * type. `none`: accounts have none here.
 */
export type AddressPlan =
  | { readonly kind: 'proven'; readonly email: EmailAddress }
  | {
      readonly kind: 'asked';
      readonly proposal: string;
      readonly isRequired: boolean;
      /** The proven address that an account here has already; that account is never connected by itself (A18). */
      readonly held: string | null;
    }
  | { readonly kind: 'none' };

export async function planAddress(
  core: Core,
  names: NameRules,
  { email, isEmailTrusted }: Newcomer,
  invited: Invited | null,
): Promise<AddressPlan> {
  const { settings } = core;
  const invitedAddress = invited?.invitation.email ?? null;
  const isRequired = settings.email === 'required' || invitedAddress !== null;
  if (settings.email === 'off' && invitedAddress === null) return { kind: 'none' };
  const reading = email === null ? null : parseEmailAddress(email);
  const proposal = reading?.valid === true ? reading.address : '';
  if (!isEmailTrusted || reading?.valid !== true) return { kind: 'asked', proposal, isRequired, held: null };
  const problem = emailProblem(reading, { ...names, needsEmail: isRequired }, invited?.invitation ?? null);
  if (problem !== null) return { kind: 'asked', proposal: '', isRequired, held: null };
  if (await isHeld(core, reading)) return { kind: 'asked', proposal: '', isRequired, held: reading.address };
  return { kind: 'proven', email: reading };
}

/** An account whose time has come gives its address away. */
async function isHeld({ accounts, lifecycle, clock }: Core, { address }: EmailAddress): Promise<boolean> {
  const holder = await accounts.find(address);
  return holder !== null && !(await lifecycle.deleteIfDue(holder, clock()));
}
