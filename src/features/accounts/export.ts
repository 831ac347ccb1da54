import type { Core } from '../../core/core.ts';
import { originOf, type SignedInContext } from '../../core/http/context.ts';
import { isoTime, type PersonalData } from '../../core/personal-data.ts';

/**
 * GET /account/export: all that is kept of somebody, as one file of JSON.
 * @see GDPR, articles 15 and 20
 */
export function exportData({ answers, announce, clock }: Core, personalData: readonly PersonalData[]) {
  return async (context: SignedInContext) => {
    const { user } = context.signedIn;
    const exportedAt = String(isoTime(clock()));
    const parts = await Promise.all(
      personalData.map(async ({ name, read }) => [name, await read(user.id)] as const),
    );
    announce({ type: 'data-exported', accountId: user.id }, originOf(context));
    const day = exportedAt.slice(0, 'YYYY-MM-DD'.length);
    return answers.download(`account-${day}.json`, { exportedAt, ...Object.fromEntries(parts) });
  };
}
