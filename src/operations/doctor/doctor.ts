import type { Provider } from '../../features/external-sign-in/index.ts';
import type { OpenDatabase } from '../../platform/sql/index.ts';
import type { GivenValues } from '../../read-settings.ts';
import { checkCertificate, checkEncryption, checkPlainHttp, checkReachable } from './connection.ts';
import { checkClock, checkDatabase, checkPepper, checkSettings, checkTables } from './database.ts';
import { type Check, type Finding, runChecks } from './findings.ts';
import {
  checkContentPolicy,
  checkCookies,
  checkHeaders,
  checkSoftwareNames,
  checkStrictTransport,
} from './headers.ts';
import {
  checkDatabaseFiles,
  checkHashing,
  checkMinimumLength,
  checkSecretFiles,
  checkSecrets,
} from './machine.ts';
import { checkPasskeys } from './passkeys.ts';
import { providerChecks } from './providers.ts';
import { checkForeignHost, checkForwarded, checkHealth } from './routing.ts';
import { checkBreachService, checkMail, checkRedis } from './services.ts';
import { isListening, type Site } from './site.ts';

const connectionChecks = {
  encryption: checkEncryption,
  certificate: checkCertificate,
  'plain http': checkPlainHttp,
};

const responseChecks = {
  'strict transport': checkStrictTransport,
  headers: checkHeaders,
  'content policy': checkContentPolicy,
  cookies: checkCookies,
  'forwarded headers': checkForwarded,
  'foreign host': checkForeignHost,
  health: checkHealth,
  'software names': checkSoftwareNames,
};

/** What an application gives besides settings. */
type OfApplication = {
  /** Opens the database on its pool, instead of the one that the settings name. */
  readonly pool?: OpenDatabase | undefined;
  readonly providers?: readonly Provider[];
};

const contentChecks = {
  'database settings': checkSettings,
  schema: checkTables,
  clock: checkClock,
  pepper: checkPepper,
};

// Opening the database corrects the mode of its files, so the files are checked first.
const insideChecks = (
  settings: GivenValues,
  { pool, providers }: OfApplication,
): Readonly<Record<string, Check<GivenValues>>> => ({
  secrets: checkSecrets,
  passwords: checkMinimumLength,
  'secret files': checkSecretFiles,
  ...(pool === undefined && { 'database files': checkDatabaseFiles }),
  hashing: checkHashing,
  redis: checkRedis,
  mail: checkMail,
  passkeys: checkPasskeys,
  'breached passwords': checkBreachService,
  ...providerChecks(settings, providers),
  database: (settings, report) => checkDatabase({ settings, pool }, report, contentChecks),
});

/** Checks a deployment as a client on the network sees it. If nothing answers, it reports that and nothing else. */
export async function checkFromOutside(site: Site): Promise<readonly Finding[]> {
  const arrival = await runChecks({ reachable: checkReachable }, site);
  if (!(await isListening(site))) return arrival;
  const findings = [...arrival, ...(await runChecks(connectionChecks, site))];
  // The responses of another server would be reported one by one.
  if (arrival.some(({ verdict }) => verdict !== 'ok')) return findings;
  return [...findings, ...(await runChecks(responseChecks, site))];
}

/**
 * Checks a deployment on its own machine. It creates nothing and changes only the mode of a database’s file.
 */
export function checkFromInside(
  settings: GivenValues,
  ofApplication: OfApplication = {},
): Promise<readonly Finding[]> {
  return runChecks(insideChecks(settings, ofApplication), settings);
}
