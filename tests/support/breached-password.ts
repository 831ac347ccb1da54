import type { TestSystem } from './system.ts';

/** On the list that is shipped; a registration would refuse it. */
export const LISTED_PASSWORD = 'correct horse battery staple';

/** Gives somebody a password that no page would take any more, as one from before the list had it. */
export async function setPassword({ system, hasher }: TestSystem, username: string, password: string) {
  const hash = await hasher.hash(password);
  const { id } = await system.core.database.queries
    .selectFrom('accounts')
    .select('id')
    .where('username', '=', username)
    .executeTakeFirstOrThrow();
  await system.core.database.queries
    .updateTable('passwords')
    .set({ hash })
    .where('account_id', '=', id)
    .execute();
}

/** Marks every password as found among stolen ones. */
export async function markFound({ system }: TestSystem): Promise<void> {
  await system.core.database.queries
    .updateTable('passwords')
    .set(({ ref }) => ({ found_breached_at: ref('changed_at') }))
    .execute();
}

/** Whether the only password there is, is marked as found among stolen ones. */
export async function isMarked({ system }: TestSystem): Promise<boolean> {
  const row = await system.core.database.queries
    .selectFrom('passwords')
    .select('found_breached_at')
    .executeTakeFirstOrThrow();
  return row.found_breached_at !== null;
}
