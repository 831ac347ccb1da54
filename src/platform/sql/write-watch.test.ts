import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as mysql from './mysql/errors.ts';
import * as postgresql from './postgresql/errors.ts';
import * as sqlite from './sqlite/errors.ts';

const failure = (details: object, message = 'said by the server') =>
  Object.assign(new Error(message), details);

type Meaning =
  | 'closes every connection'
  | 'closes its connection'
  | 'is run again'
  | 'is reported by /readyz';

type Classify = {
  readonly isUnavailable: (error: unknown) => boolean;
  readonly isReadOnly?: (error: unknown) => boolean;
  readonly isLost?: (error: unknown) => boolean;
  readonly isConflict?: (error: unknown) => boolean;
  readonly isStorageFault: (error: unknown) => boolean;
};

function meaningOf(engine: Classify, error: Error): Meaning | 'nothing' {
  if (engine.isReadOnly?.(error)) return 'closes every connection';
  if (engine.isLost?.(error)) return 'closes its connection';
  if (engine.isConflict?.(error)) return 'is run again';
  return engine.isStorageFault(error) ? 'is reported by /readyz' : 'nothing';
}

const CASES: readonly (readonly [string, Classify, Meaning, readonly Error[]])[] = [
  [
    'PostgreSQL',
    postgresql,
    'closes every connection',
    [
      failure({ code: '25006' }, 'cannot execute INSERT in a read-only transaction'),
      failure({ code: '25006' }, 'cannot execute SELECT FOR UPDATE during recovery'),
      failure({ code: '0A000' }, 'cannot set transaction read-write mode during recovery'),
      failure({ code: '0A000' }, 'cannot use serializable mode in a hot standby'),
      failure({ code: '55000' }, 'recovery is in progress'),
    ],
  ],
  [
    'PostgreSQL',
    postgresql,
    'closes its connection',
    ['57P01', '57P02', '57P03', '57P05', '08000', '08003', '08006', '08P01', 'ECONNRESET'].map((code) =>
      failure({ code }),
    ),
  ],
  ['PostgreSQL', postgresql, 'is run again', ['40001', '40P01'].map((code) => failure({ code }))],
  ['PostgreSQL', postgresql, 'is reported by /readyz', ['53100', '58030'].map((code) => failure({ code }))],
  [
    'MySQL and MariaDB',
    mysql,
    'closes every connection',
    [
      'ER_OPTION_PREVENTS_STATEMENT',
      'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
      'ER_READ_ONLY_MODE',
      'ER_SERVER_OFFLINE_MODE',
      'ER_UNKNOWN_COM_ERROR',
      'ER_RUN_HOOK_ERROR',
      'ER_GRP_TRX_CONSISTENCY_BEFORE',
    ].map((code) => failure({ code })),
  ],
  [
    'MySQL and MariaDB',
    mysql,
    'closes its connection',
    [
      'PROTOCOL_CONNECTION_LOST',
      'ER_SERVER_SHUTDOWN',
      'ER_CONNECTION_KILLED',
      'ER_SESSION_WAS_KILLED',
      'ER_CLIENT_INTERACTION_TIMEOUT',
      'EPIPE',
    ].map((code) => failure({ code })),
  ],
  [
    'MySQL and MariaDB',
    mysql,
    'is run again',
    ['ER_LOCK_DEADLOCK', 'ER_CHECKREAD', 'ER_TRANSACTION_ROLLBACK_DURING_COMMIT'].map((code) =>
      failure({ code }),
    ),
  ],
  [
    'MySQL and MariaDB',
    mysql,
    'is reported by /readyz',
    ['ER_DISK_FULL', 'ER_RECORD_FILE_FULL', 'ER_ERROR_DURING_COMMIT'].map((code) => failure({ code })),
  ],
  [
    'SQLite',
    sqlite,
    'is reported by /readyz',
    // SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_READONLY, SQLITE_READONLY_DBMOVED, SQLITE_CANTOPEN
    [13, 778, 1034, 8, 1032, 14].map((errcode) => failure({ errcode })),
  ],
];

it('an error that says that the server cannot write is recognised by its code, on every engine', () => {
  for (const [name, engine, meaning, errors] of CASES)
    for (const error of errors) {
      assert.equal(meaningOf(engine, error), meaning, `${name}: ${JSON.stringify(error)} ${error.message}`);
      assert.ok(engine.isUnavailable(error), `${name} answers 503: ${JSON.stringify(error)}`);
    }
});

it('an error of the statement itself closes no connection and makes no server unavailable', () => {
  const others: readonly (readonly [Classify, Error])[] = [
    [postgresql, failure({ code: '0A000' }, 'cannot insert into column "x"')],
    [postgresql, failure({ code: '55000' }, 'currval of sequence is not yet defined')],
    [postgresql, failure({ code: '23505' })],
    [mysql, failure({ code: 'ER_DUP_ENTRY' })],
    [mysql, failure({ code: 'ER_PARSE_ERROR' })],
    [sqlite, failure({ errcode: 19 })],
  ];
  for (const [engine, error] of others) {
    assert.equal(meaningOf(engine, error), 'nothing');
    assert.equal(engine.isUnavailable(error), false);
  }
});
