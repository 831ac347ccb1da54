import type { Migration } from '../../platform/sql/index.ts';
import { initialSchema } from './001-initial-schema.ts';

/** Every step of the schema, in order. */
export const migrations: readonly Migration[] = [initialSchema];

/** The number of the last step that this version knows. */
export const SCHEMA_NUMBER = Math.max(...migrations.map(({ number }) => number));
