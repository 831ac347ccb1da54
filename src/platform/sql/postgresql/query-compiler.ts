import {
  type AlterTableNode,
  PostgresQueryCompiler,
  type ReferenceNode,
  type SchemableIdentifierNode,
} from 'kysely';

/**
 * Writes every table and view with its schema, so that no statement depends on the `search_path` of its connection. A
 * column keeps the plain name of its table, by which PostgreSQL finds it in the same statement.
 */
export class QualifyingCompiler extends PostgresQueryCompiler {
  readonly #schema: string;

  constructor(schema: string) {
    super();
    this.#schema = schema;
  }

  protected override visitSchemableIdentifier(node: SchemableIdentifierNode): void {
    if (node.schema === undefined) this.append(`${quoted(this.#schema)}.`);
    super.visitSchemableIdentifier(node);
  }

  protected override visitAlterTable(node: AlterTableNode): void {
    if (node.renameTo === undefined) {
      super.visitAlterTable(node);
      return;
    }
    // A table stays in its schema, so its new name has none.
    this.append('alter table ');
    this.visitNode(node.table);
    this.append(' rename to ');
    this.visitNode(node.renameTo.table.identifier);
  }

  protected override visitReference(node: ReferenceNode): void {
    if (node.table !== undefined) {
      this.visitNode(node.table.table.identifier);
      this.append('.');
    }
    this.visitNode(node.column);
  }
}

/** @param name one that needs no escape, by its setting */
function quoted(name: string): string {
  return `"${name}"`;
}
