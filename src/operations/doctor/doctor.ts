import type { OpenDatabase } from '../../platform/sql/index.ts';
import type { GivenValues } from '../../read-settings.ts';
import { checkCertificate, checkEncryption, checkPlainHttp, checkReachable } from './connection.ts';
import { checkClock, checkDatabase, checkPepper, checkTables } from './database.ts';
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
import { checkForeignHost, checkForwarded, checkHealth } from './routing.ts';
import { checkMail, checkRedis } from './services.ts';
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

const contentChecks = { schema: checkTables, clock: checkClock, pepper: checkPepper };

// Opening the database corrects the mode of its files, so the files are checked first.
const insideChecks = (pool: OpenDatabase | undefined): Readonly<Record<string, Check<GivenValues>>> => ({
  secrets: checkSecrets,
  passwords: checkMinimumLength,
  'secret files': checkSecretFiles,
  ...(pool === undefined && { 'database files': checkDatabaseFiles }),
  hashing: checkHashing,
  redis: checkRedis,
  mail: checkMail,
  passkeys: checkPasskeys,
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
 * @param pool opens the database on the pool of the application, instead of the one that the settings name
 */
export function checkFromInside(settings: GivenValues, pool?: OpenDatabase): Promise<readonly Finding[]> {
  return runChecks(insideChecks(pool), settings);
}
