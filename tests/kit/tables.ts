import type { AuthTables } from '../../src/auth/schema.ts';
import type { ApiTokenTables } from '../../src/features/api-tokens/store.ts';
import type { DeviceGrantTables } from '../../src/features/device-grant/store.ts';
import type { AuthorizationRequestTables } from '../../src/features/external-sign-in/store/authorization-requests.ts';
import type { FederatedLoginTables } from '../../src/features/external-sign-in/store/federated-logins.ts';
import type { IdentityTables } from '../../src/features/external-sign-in/store/identities.ts';
import type { ExternalTokenTables } from '../../src/features/external-sign-in/store/tokens.ts';
import type { PasskeyTables } from '../../src/features/passkeys/store.ts';
import type { PasswordTables } from '../../src/features/passwords/store.ts';
import type { RecoveryCodeTables } from '../../src/features/recovery-codes/store.ts';
import type { RememberedDeviceTables } from '../../src/features/remembered-devices/store.ts';
import type { RoleTables } from '../../src/features/roles/store.ts';
import type { FactorDeadlineTables } from '../../src/features/second-factors/policy/deadlines.ts';
import type { FactorRecoveryTables } from '../../src/features/second-factors/recovery-store.ts';
import type { RemovedFactorTables } from '../../src/features/second-factors/removed-store.ts';
import type { SecondFactorTables } from '../../src/features/second-factors/store.ts';
import type { TotpTables } from '../../src/features/totp/store.ts';
import type * as sql from '../../src/platform/sql/index.ts';

/** Every table that a test may read or prepare. */
export type AllTables = AuthTables &
  PasswordTables &
  RoleTables &
  ApiTokenTables &
  DeviceGrantTables &
  SecondFactorTables &
  PasskeyTables &
  RemovedFactorTables &
  FactorRecoveryTables &
  FactorDeadlineTables &
  RememberedDeviceTables &
  TotpTables &
  RecoveryCodeTables &
  IdentityTables &
  AuthorizationRequestTables &
  FederatedLoginTables &
  ExternalTokenTables;

export type Database = sql.Database<AllTables>;
export type Queries = sql.Queries<AllTables>;
