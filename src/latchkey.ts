import { availableParallelism } from 'node:os';
import { type Clock, systemClock } from './core/clock.ts';
import type { Core } from './core/core.ts';
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
import { createOwnHost } from './core/http/own-host.ts';
import { createPageAnswers } from './core/http/page-answers.ts';
import { createRouter, type Handler } from './core/http/router.ts';
import { createLog, describeError, type Log, type LogDestination, logObserver } from './core/log.ts';
import { type Assets, loadAssets, siteFor } from './core/pages/stylesheet.ts';
import { paths } from './core/paths.ts';
import { personalDataInCore } from './core/personal-data.ts';
import { createSecrets, type Secrets } from './core/secrets.ts';
import { createGate } from './core/sign-in.ts';
import { createPendingSignIns } from './core/sign-in-steps/pending-sign-ins.ts';
import { inOrder, type SignInRules } from './core/sign-in-steps/sign-in-step.ts';
import { openStorage, type Storage } from './core/storage.ts';
import { accounts } from './features/accounts/index.ts';
import { assets } from './features/assets/index.ts';
import { breachedPasswords } from './features/breached-passwords/index.ts';
import { cspReports } from './features/csp-reports/index.ts';
import { dashboard } from './features/dashboard/index.ts';
import { freshProof } from './features/fresh-proof/index.ts';
import { health } from './features/health/index.ts';
import { passwordChange } from './features/password-change/index.ts';
import {
  BREACH_TIMEOUT,
  type BreachCheck,
  type BreachCheckParts,
  createBreachCheck,
  createHasher,
  createPasswords,
  createPeppers,
  type Hasher,
  noBreachCheck,
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
  readonly hasher?: Hasher;
  readonly observers?: readonly Observer[];
  readonly logDestination?: LogDestination;
  /** How long whoever knows of stolen passwords may take to answer, in milliseconds. */
  readonly breachTimeout?: number;
  /** Features beside our own; their sign-in steps are asked after ours, in this order. */
  readonly features?: (core: Core) => readonly Feature[];
};

/** What may stand between a proven identity and a session, in the order in which it is asked. */
const SIGN_IN_STEPS: readonly string[] = ['new-password'];

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
  /** Brings the schema up to date. Until it is done nothing may be handled. */
  readonly prepare: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The whole system on one page: the core, then every feature, in order. */
export function composeSystem(settings: Settings, ports: Ports = {}): System {
  const clock = ports.clock ?? systemClock;
  const log = createLog(settings.logLevel, clock, ports.logDestination);
  const secrets = createSecrets(settings.secretKeys);
  const announce = announceTo([logObserver(log), ...(ports.observers ?? [])], (error) =>
    log.error({ event: 'observer-failed', error: describeError(error) }),
  );
  const storage = openStorage(settings, { secrets, clock, log, announce });
  const hasher = ports.hasher ?? hasherFor(settings);
  const breaches = breachCheckFor(settings, {
    clock,
    announce,
    timeout: ports.breachTimeout ?? BREACH_TIMEOUT,
  });
  const files = loadAssets(settings.accentColor);
  // Filled when the features are there: they stand on the core, and the gate, which is in it, asks them.
  let signInRules: SignInRules = { methods: [], steps: [] };
  const ground = { clock, log, announce, secrets, storage, files, signInRules: () => signInRules };
  const { core, csrf, errors } = composeCore(settings, ground);
  const own = composeFeatures(core, settings, { files, hasher, breaches, log });
  const more = ports.features?.(core) ?? [];
  const features = [...own, ...more];
  signInRules = signInRulesOf(own, more);
  const { guard, answers, cookies } = core;
  const { origin } = settings.baseUrl;
  const isOwnHost = createOwnHost(settings.baseUrl);
  const clientAddress = createClientAddress(settings.trustedProxies ?? null);
  const isHashingFull = hasher.isFull;
  const handle = createRouter(
    { origin, isOwnHost, clientAddress, guard, answers, errors, cookies, csrf, announce, isHashingFull },
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
    prepare: storage.prepare,
    close: async () => {
      await breaches.close();
      await hasher.close();
      await storage.close();
    },
  };
}

function hasherFor({ passwordHash, passwordPepper }: Settings): Hasher {
  return createHasher(passwordHash, availableParallelism(), createPeppers(passwordPepper ?? []));
}

function breachCheckFor(settings: Settings, parts: Omit<BreachCheckParts, 'url'>): BreachCheck {
  if (settings.breachedPasswords === 'list') return noBreachCheck;
  return createBreachCheck({ ...parts, url: settings.hibpUrl });
}

type Ground = {
  readonly clock: Clock;
  readonly log: Log;
  readonly announce: Observer;
  readonly secrets: Secrets;
  readonly storage: Storage;
  readonly files: Assets;
  readonly signInRules: () => SignInRules;
};

function composeCore(settings: Settings, ground: Ground) {
  const { clock, log, announce, secrets, files, signInRules: rules } = ground;
  const { database, counters, accounts, lifecycle, sessions } = ground.storage;
  const site = siteFor(settings.siteName, files);
  const cookies = createCookies(settings.isSecure);
  const csrf = createCsrf(secrets);
  const answers = createAnswers(settings.isSecure, settings.cspReports === 'on' ? paths.cspReports : null);
  const errors = createErrorAnswers(answers, site, database, log);
  const pages = createPageAnswers({ site, answers, cookies, csrf, flashes: createFlashCodec(secrets) });
  const guard = createGuard({ sessions, cookies, clock, announce, freshFor: settings.sessionFresh });
  const pendingSignIns = createPendingSignIns({ database, cookies, clock, rules });
  const { flash } = pages;
  const gate = createGate({ sessions, lifecycle, pendingSignIns, cookies, clock, announce, rules, flash });
  const core: Core = {
    settings,
    clock,
    database,
    accounts,
    lifecycle,
    counters,
    sessions,
    guard,
    ...gate,
    pendingSignIns,
    announce,
    cookies,
    answers,
    pages,
  };
  return { core, csrf, errors };
}

function signInRulesOf(own: readonly Feature[], more: readonly Feature[]): SignInRules {
  const steps = (features: readonly Feature[]) => features.flatMap(({ signInSteps = [] }) => signInSteps);
  const order = [...SIGN_IN_STEPS, ...steps(more).map(({ name }) => name)];
  return {
    methods: [...own, ...more].flatMap(({ signInMethods = [] }) => signInMethods),
    steps: inOrder([...steps(own), ...steps(more)], order),
  };
}

type FeatureParts = {
  readonly files: Assets;
  readonly hasher: Hasher;
  readonly breaches: BreachCheck;
  readonly log: Log;
};

function composeFeatures(
  core: Core,
  settings: Settings,
  { files, hasher, breaches, log }: FeatureParts,
): readonly Feature[] {
  const passwordRules = createPasswords({
    database: core.database,
    hasher,
    breaches,
    clock: core.clock,
    minimumCodePoints: settings.passwordMinLength,
    siteName: settings.siteName,
  });
  const personalData = [...personalDataInCore(core.database, core.accounts), passwordData(passwordRules)];
  return [
    assets(files, core.answers),
    health(core),
    cspReports(core, settings.cspReports, log),
    passwords,
    registration(core, passwordRules),
    signIn(core, passwordRules),
    breachedPasswords(core, passwordRules),
    freshProof(core, passwordRules),
    sessions(core, settings.geoipDatabase),
    dashboard(core),
    accounts(core, { deletionDelay: settings.deletionDelay, personalData }),
    passwordChange(core, passwordRules),
  ];
}
