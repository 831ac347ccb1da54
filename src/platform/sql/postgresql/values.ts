import { type CustomTypesConfig, types } from 'pg';

// Milliseconds of UTC fit into a number; the driver's default, text, would not compare. The driver sends bytes in the
// binary format, in which 16 of them are a `uuid`; it is read as the same bytes.
const PARSERS = new Map<number, (text: string) => unknown>([
  [types.builtins.INT8, Number],
  [types.builtins.UUID, (text) => Buffer.from(text.replaceAll('-', ''), 'hex')],
]);

const getTypeParser: typeof types.getTypeParser = (type: number, format?: 'text' | 'binary') =>
  PARSERS.get(type) ?? types.getTypeParser(type, format);

/** How values are read; part of each statement, so that it does not depend on who made the connection. */
export const TYPES: CustomTypesConfig = { getTypeParser };
