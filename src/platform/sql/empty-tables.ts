import { type DatabaseIntrospector, type QueryExecutorProvider, sql } from 'kysely';

type Emptied = {
  readonly queries: { readonly introspection: DatabaseIntrospector };
  readonly transaction: (work: (transaction: QueryExecutorProvider) => Promise<void>) => Promise<void>;
};

/**
 * Deletes all rows of a database that a test has to itself.
 * @param kept the tables whose rows stay
 */
export function createEmptyTables({ queries, transaction }: Emptied, kept: readonly string[]) {
  let names: readonly string[] | undefined;
  const findNames = async () => {
    const tables = (await queries.introspection.getTables()).filter(({ isView }) => !isView);
    return tables.map(({ name }) => name).filter((name) => !kept.includes(name));
  };
  return async (): Promise<void> => {
    names ??= await findNames();
    const emptied = names;
    await transaction(async (within) => {
      for (const name of emptied) await sql`delete from ${sql.table(name)}`.execute(within);
    });
  };
}
