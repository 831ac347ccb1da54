import { z } from 'zod';
import { readDatabaseUrl, withoutUserInfo } from '../sql/index.ts';
import { givenAs } from './option-kind.ts';
import { setting } from './setting.ts';
import { duration, oneOf, wholeNumber } from './values.ts';

export const databaseSettings = {
  databaseUrl: setting({
    name: 'DATABASE_URL',
    neverEmptyInProduction: true,
    meaning:
      '`sqlite:PATH`, `postgres://…` or `mysql://…` (also for MariaDB), with TLS parameters. SQLAlchemy’s forms, such as `sqlite:///users.db`, are accepted, and those that platforms hand out (docs/your-database.md).',
    fallback: 'sqlite:data/latchkey.db',
    secret: true,
    masked: withoutUserInfo,
    schema: givenAs(
      'url',
      z.string().superRefine((text, context) => {
        const reading = readDatabaseUrl(text);
        if (!reading.ok) context.addIssue({ code: 'custom', message: reading.problem });
      }),
    ),
  }),
  databaseSchema: setting({
    name: 'DATABASE_SCHEMA',
    meaning:
      'PostgreSQL: the schema that holds Latchkey’s tables. It is created if it is missing; `public` is the one of most applications.',
    fallback: 'latchkey',
    schema: identifier({ max: 63, refused: /^pg_|^information_schema$/ }),
  }),
  databasePrefix: setting({
    name: 'DATABASE_PREFIX',
    meaning: 'MySQL and MariaDB: what the names of Latchkey’s tables begin with.',
    fallback: 'latchkey_',
    schema: identifier({ max: 24 }),
  }),
  databasePoolSize: setting({
    name: 'DATABASE_POOL_SIZE',
    meaning: 'Maximum number of connections that one node keeps to a database server.',
    fallback: '10',
    schema: wholeNumber(1, 1_000),
  }),
  databaseConnectTimeout: setting({
    name: 'DATABASE_CONNECT_TIMEOUT',
    meaning: 'How long to wait for a connection before answering 503.',
    fallback: '5s',
    schema: duration({ minimum: '1s', maximum: '1m' }),
  }),
  databaseStatementTimeout: setting({
    name: 'DATABASE_STATEMENT_TIMEOUT',
    meaning: 'How long a statement may take before it is cancelled and the request answered with 503.',
    fallback: '10s',
    schema: duration({ minimum: '1s', maximum: '10m' }),
  }),
  migrate: setting({
    name: 'MIGRATE',
    meaning:
      '`auto` migrates the schema at start; with `manual` the start only checks it, and `latchkey migrate` changes it.',
    fallback: 'auto',
    schema: oneOf(['auto', 'manual']),
  }),
};

// Lower-case letters, digits and underscores need no quotes in the application's SQL, on any engine.
function identifier({ max, refused }: { readonly max: number; readonly refused?: RegExp }) {
  return z
    .string()
    .refine((text) => /^[a-z_][a-z0-9_]*$/.test(text) && text.length <= max && refused?.test(text) !== true, {
      message: `is no name for it; give at most ${max} lower-case letters, digits and underscores, not beginning with a digit`,
    });
}
