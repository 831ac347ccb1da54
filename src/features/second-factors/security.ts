import { definePage } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { AccountPanel, SecondFactor } from '../../auth/slots.ts';
import type { Wording } from '../../platform/words/index.ts';
import { areAskedFor, factorsOf, type OwnFactor } from './factors.ts';
import { type NextStep, securityView } from './pages.ts';
import { factorPolicyService } from './policy/policy.ts';
import { securityWords } from './words.ts';

/** How well the account is protected. */
export const securityPage = definePage({
  path: paths.security,
  access: 'signed-in',
  needs: { policy: factorPolicyService },
  load:
    (core, { policy }) =>
    async ({ signedIn: { user, session }, words }) => {
      const own = await factorsOf(core, user.id);
      const isProtected = areAskedFor(core, own);
      const factors = await Promise.all(
        core.slots().secondFactors.map((one) => shown(one, own, words, user.id)),
      );
      const panels = await Promise.all(
        core.slots().accountPanels.map((one) => standingOf(one, words, user.id)),
      );
      const advised = factors.find(({ advice }) => advice !== null) ?? null;
      const missing = missingStep(core, own, words);
      const until = (await policy.demandOn(user.id, session))?.until ?? null;
      return {
        isProtected,
        until,
        factors,
        panels: panels.filter((panel) => panel !== null),
        next: missing ?? advised?.advice ?? resistantStep(core, own, words),
      };
    },
  view: securityView,
});

async function shown(
  { kind, label: labelIn, managed: path, standing }: SecondFactor,
  own: readonly OwnFactor[],
  words: Wording,
  accountId: AccountId,
) {
  const label = labelIn(words);
  if (!own.some((factor) => factor.kind === kind)) return { label, path, text: null, advice: null };
  const { text, advice } = (await standing(accountId))(words);
  return { label, path, text, advice: advice === null ? null : { text: advice, label, path } };
}

/** What another feature has of the account. */
async function standingOf({ path, content, standing }: AccountPanel, words: Wording, accountId: AccountId) {
  if (standing === undefined) return null;
  return { label: content(words).title, path, text: (await standing(accountId))(words) };
}

/** The first factor, then a backup. */
function missingStep({ slots }: Core, own: readonly OwnFactor[], words: Wording): NextStep | null {
  const text = words(securityWords);
  const lacking = (isBackup: boolean) => {
    // What no sign-in asks for is no second factor.
    const isOne = ({ declared, unaskedSince }: OwnFactor) =>
      declared.isBackup === isBackup && unaskedSince === null;
    if (own.some(isOne)) return undefined;
    return slots().secondFactors.find((factor) => factor.isBackup === isBackup);
  };
  const first = lacking(false);
  if (first !== undefined) return { text: text.addFactor, label: first.label(words), path: first.managed };
  const backup = lacking(true);
  if (backup === undefined) return null;
  return { text: text.addBackup, label: backup.label(words), path: backup.managed };
}

/** At last, a factor that cannot be phished (NIST SP 800-63B-4 §2.2.2). */
function resistantStep({ slots }: Core, own: readonly OwnFactor[], words: Wording): NextStep | null {
  if (own.some(({ declared }) => declared.isPhishingResistant)) return null;
  const resistant = slots().secondFactors.find(({ isPhishingResistant }) => isPhishingResistant);
  if (resistant === undefined) return null;
  return { text: words(securityWords).addResistant, label: resistant.label(words), path: resistant.managed };
}
