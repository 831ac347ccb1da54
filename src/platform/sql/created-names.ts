import {
  AddConstraintNode,
  CreateIndexNode,
  CreateTableNode,
  CreateViewNode,
  DummyDriver,
  Kysely,
  type OperationNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  UniqueConstraintNode,
} from 'kysely';

/** The names of the tables, views and indexes that `create` would create; none of its statements is executed. */
export async function namesCreatedBy<Tables>(
  create: (queries: Kysely<Tables>) => Promise<void>,
): Promise<readonly string[]> {
  const names: string[] = [];
  const queries = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
    plugins: [
      {
        transformQuery: ({ node }) => {
          names.push(...namesCreatedByNode(node));
          return node;
        },
        transformResult: async ({ result }) => result,
      },
    ],
  });
  await create(queries);
  return names;
}

function namesCreatedByNode(node: OperationNode): readonly string[] {
  if (CreateViewNode.is(node)) return [node.name.identifier.name];
  if (CreateIndexNode.is(node)) return [node.name.name];
  if (!CreateTableNode.is(node)) return [];
  return [node.table.table.identifier.name, ...(node.constraints ?? []).flatMap(nameOfUnique)];
}

/** A unique constraint is an index. */
function nameOfUnique(node: OperationNode): readonly string[] {
  const constraint = AddConstraintNode.is(node) ? node.constraint : node;
  return UniqueConstraintNode.is(constraint) && constraint.name !== undefined ? [constraint.name.name] : [];
}
