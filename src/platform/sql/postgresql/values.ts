import type { CustomTypesConfig, types } from 'pg';

type Parser = (text: string) => unknown;

let found: Promise<CustomTypesConfig> | undefined;

/**
 * How values are read; part of each statement, so that it does not depend on who made the connection. The driver is loaded
 * when the first statement runs.
 */
export function readTypes(): Promise<CustomTypesConfig> {
  found ??= import('pg').then((driver) => typesOf(driver.types));
  return found;
}

// Milliseconds of UTC fit into a number; the driver's default, text, would not compare. The driver sends bytes in the
// binary format, in which 16 of them are a `uuid`; it is read as the same bytes.
function typesOf({ builtins, getTypeParser }: typeof types): CustomTypesConfig {
  const parsers = new Map<number, Parser>([
    [builtins.INT8, Number],
    [builtins.UUID, (text) => Buffer.from(text.replaceAll('-', ''), 'hex')],
  ]);
  const parserFor: typeof getTypeParser = (type: number, format?: 'text' | 'binary') =>
    parsers.get(type) ?? getTypeParser(type, format);
  return { getTypeParser: parserFor };
}
