import {
  type ForeignKeyConstraintNode,
  IdentifierNode,
  MysqlQueryCompiler,
  type SchemableIdentifierNode,
} from 'kysely';

/**
 * Writes every table and view with a prefix, in references to columns as well; no statement here gives a table another
 * name. The names of foreign keys are unique in a database, so they get it, too.
 */
export class PrefixingCompiler extends MysqlQueryCompiler {
  readonly #prefix: string;

  constructor(prefix: string) {
    super();
    this.#prefix = prefix;
  }

  protected override visitSchemableIdentifier(node: SchemableIdentifierNode): void {
    super.visitSchemableIdentifier({ ...node, identifier: this.#prefixed(node.identifier) });
  }

  protected override visitForeignKeyConstraint(node: ForeignKeyConstraintNode): void {
    const name = node.name === undefined ? {} : { name: this.#prefixed(node.name) };
    super.visitForeignKeyConstraint({ ...node, ...name });
  }

  #prefixed({ name }: IdentifierNode): IdentifierNode {
    return IdentifierNode.create(`${this.#prefix}${name}`);
  }
}
