import { availableParallelism } from 'node:os';
import { type Clock, type Pause, systemClock, systemPause } from './core/clock.ts';
import type { Core } from './core/core.ts';
import { SCHEMA_NUMBER } from './core/database/migrate.ts';
import { announceTo, type Observer } from './core/events.ts';
import type { Feature } from './core/feature.ts';
import { createGuard, type Guard } from './core/guard.ts';
import { type Answers, createAnswers } from './core/http/answers.ts';
import { createClientAddress } from './core/http/client-address.ts';
import { type RequestContext, requestContext } from './core/http/context.ts';
import { createCookies } from './core/http/cookies.ts';
import { type Csrf, createCsrf } from './core/http/csrf.ts';
import { createErrorAnswers, type ErrorAnswers } from './core/http/errors.ts';
import { createFlashCodec } from './core/http/flash.ts';
import { createFormTimes } from './core/http/form-times.ts';
import { createLinkTokens } from './core/http/link-token.ts';
import { createOwnHost } from './core/http/own-host.ts';
import { createPageAnswers } from './core/http/page-answers.ts';
import { createRouter, type Handler } from './core/http/router.ts';
import { createLog, describeError, type Log, type LogDestination, logObserver } from './core/log.ts';
import type { Metrics } from './core/metrics/metrics.ts';
import type { WatchRoute } from './core/metrics/requests.ts';
import { type Assets, loadAssets, siteFor } from './core/pages/stylesheet.ts';
import { paths } from './core/paths.ts';
import { personalDataInCore } from './core/personal-data.ts';
import { createSecrets, type Secrets } from './core/secrets.ts';
import { createGate } from './core/sign-in.ts';
import { openStorage, type Storage } from './core/storage.ts';
import { createDevices } from './core/throttle/device-cookie.ts';
import { createProofOfWork } from './core/throttle/proof-of-work.ts';
import { createThrottle } from './core/throttle/throttle.ts';
import { version } from './core/version.ts';
import { accounts } from './features/accounts/index.ts';
import { assets } from './features/assets/index.ts';
import { cspReports } from './features/csp-reports/index.ts';
import { dashboard } from './features/dashboard/index.ts';
import { freshProof } from './features/fresh-proof/index.ts';
import { health } from './features/health/index.ts';
import { passwordChange } from './features/password-change/index.ts';
import {
  createHasher,
  createPasswords,
  createPeppers,
  type Hasher,
  passwordData,
  passwords,
} from './features/passwords/index.ts';
import { registration } from './features/registration/index.ts';
import { sessions } from './features/sessions/index.ts';
import { signIn } from './features/sign-in/index.ts';
import type { Settings } from './settings.ts';

/** What the outside hands in; tests bring a clock of their own, count the hashes, and collect the log. */
export type Ports = {
  readonly clock?: Clock;
  readonly pause?: Pause;
  readonly hasher?: Hasher;
  readonly observers?: readonly Observer[];
  readonly logDestination?: LogDestination;
  /** Where to count what happens; nothing is counted without. */
  readonly metrics?: Metrics | null;
};

/** The whole system, composed. */
export type System = {
  readonly core: Core;
  readonly features: readonly Feature[];
  readonly log: Log;
  readonly handle: Handler;
  /** Starts the way of a request that an application answers itself. */
  readonly contextOf: (request: Request, environment: unknown) => RequestContext;
  readonly guard: Guard;
  readonly answers: Answers;
  readonly errors: ErrorAnswers;
  readonly csrf: Csrf;
  readonly storage: Storage;
  readonly metrics: Metrics | null;
  /** Brings the schema up to date. Until it is done nothing may be handled. */
  readonly prepare: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The whole system on one page: the core, then every feature, in order. */
export function composeSystem(settings: Settings, ports: Ports = {}): System {
  const clock = ports.clock ?? systemClock;
  const pause = ports.pause ?? systemPause;
  const log = createLog(settings.logLevel, clock, ports.logDestination);
  const secrets = createSecrets(settings.secretKeys);
  const metrics = ports.metrics ?? null;
  const observers = [logObserver(log), ...(metrics === null ? [] : [metrics.observeEvent])];
  const observe = announceTo([...observers, ...(ports.observers ?? [])], (error) =>
    log.error({ event: 'observer-failed', error: describeError(error) }),
  );
  const storage = openStorage(settings, { secrets, clock, log, observe, metrics });
  const { announce } = storage;
  const hasher = ports.hasher ?? hasherFor(settings, metrics);
  watchAll(metrics, storage, hasher);
  const files = loadAssets(settings.accentColor);
  const ground = { clock, pause, log, announce, secrets, storage, files, metrics };
  const { core, csrf, errors } = composeCore(settings, ground);
  const features = composeFeatures(core, settings, { files, hasher, log });
  const { guard, answers, cookies } = core;
  const { origin } = settings.baseUrl;
  const isOwnHost = createOwnHost(settings.baseUrl);
  const clientAddress = createClientAddress(settings.trustedProxies ?? null);
  // Those whose browser is known have a line of their own.
  const isHashingFull = (request: Request) =>
    hasher.isFull() && !core.devices.isKnownToAnybody(request, clock());
  const watchRoute: WatchRoute = metrics?.watchRoute ?? ((_, handler) => handler);
  const passing = { origin, isOwnHost, clientAddress, isHashingFull, watchRoute };
  const handle = createRouter(
    { ...passing, guard, answers, errors, cookies, csrf, announce },
    features.flatMap((feature) => feature.routes),
  );
  return {
    core,
    features,
    log,
    handle,
    contextOf: (request, environment) => requestContext(request, environment, clientAddress),
    guard,
    answers,
    errors,
    csrf,
    storage,
    metrics,
    prepare: storage.prepare,
    close: async () => {
      await hasher.close();
      await storage.close();
    },
  };
}

function hasherFor({ passwordHash, passwordPepper }: Settings, metrics: Metrics | null): Hasher {
  const peppers = createPeppers(passwordPepper ?? []);
  return createHasher(passwordHash, availableParallelism(), peppers, metrics?.observeHash);
}

function watchAll(metrics: Metrics | null, { database }: Storage, hasher: Hasher): void {
  metrics?.tellBuild({ version: version(), database: database.engine, schema: SCHEMA_NUMBER });
  metrics?.watchHashing(hasher.load);
}

type Ground = {
  readonly clock: Clock;
  readonly pause: Pause;
  readonly log: Log;
  readonly announce: Observer;
  readonly secrets: Secrets;
  readonly storage: Storage;
  readonly files: Assets;
  readonly metrics: Metrics | null;
};

function composeCore(settings: Settings, ground: Ground) {
  const { clock, pause, log, announce, secrets, files, metrics } = ground;
  const { database, counters, accounts, lifecycle, sessions, oneTimeTokens, audit } = ground.storage;
  const site = siteFor(settings.siteName, files);
  const cookies = createCookies(settings.isSecure);
  const csrf = createCsrf(secrets);
  const answers = createAnswers(settings.isSecure, settings.cspReports === 'on' ? paths.cspReports : null);
  const errors = createErrorAnswers(answers, site, database, log, metrics?.countFailure);
  const pages = createPageAnswers({ site, answers, cookies, csrf, flashes: createFlashCodec(secrets) });
  const check = metrics === null ? sessions.check : metrics.watchCheck(sessions.check);
  const guard = createGuard({ check, cookies, clock, announce, freshFor: settings.sessionFresh });
  const devices = createDevices(secrets, cookies);
  const completeSignIn = createGate({
    sessions,
    lifecycle,
    cookies,
    devices,
    clock,
    announce,
    flash: pages.flash,
  });
  const throttle = createThrottle({
    counters,
    challenge: createProofOfWork(secrets, counters, files.solver.path),
    clock,
    announce,
    onFailure: (error) => log.warn({ event: 'attempts-not-given-back', error: describeError(error) }),
  });
  const core: Core = {
    settings,
    clock,
    pause,
    database,
    accounts,
    lifecycle,
    counters,
    sessions,
    oneTimeTokens,
    linkTokens: createLinkTokens(cookies, answers),
    formTimes: createFormTimes(secrets, clock),
    audit,
    guard,
    completeSignIn,
    throttle,
    devices,
    announce,
    cookies,
    answers,
    pages,
  };
  return { core, csrf, errors };
}

function composeFeatures(
  core: Core,
  settings: Settings,
  { files, hasher, log }: { readonly files: Assets; readonly hasher: Hasher; readonly log: Log },
): readonly Feature[] {
  const passwordRules = createPasswords({
    database: core.database,
    hasher,
    minimumCodePoints: settings.passwordMinLength,
    siteName: settings.siteName,
  });
  const personalData = [...personalDataInCore(core.database, core.accounts), passwordData(passwordRules)];
  return [
    assets(files, core.answers),
    health(core),
    cspReports(core, settings.cspReports, log),
    passwords,
    registration(core, { passwords: passwordRules, settings }),
    signIn(core, passwordRules),
    freshProof(core, passwordRules),
    sessions(core, settings.geoipDatabase),
    dashboard(core),
    accounts(core, { deletionDelay: settings.deletionDelay, personalData }),
    passwordChange(core, passwordRules),
  ];
}
