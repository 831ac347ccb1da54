import { type ComposedCore, composeCore, type Ground } from './auth/compose-core.ts';
import type { Core } from './auth/core.ts';
import { announceTo, type Observer } from './auth/events.ts';
import type { Feature, Route } from './auth/feature.ts';
import type { Guard } from './auth/guard.ts';
import { mailData } from './auth/mail/kept-mail.ts';
import { paths } from './auth/paths.ts';
import { personalDataInCore } from './auth/personal-data.ts';
import { inOrder, type SignInRules } from './auth/sign-in-steps/sign-in-step.ts';
import { openStorage, type Storage } from './auth/storage.ts';
import { accounts } from './features/accounts/index.ts';
import { assets } from './features/assets/index.ts';
import { breachedPasswords } from './features/breached-passwords/index.ts';
import { cspReports } from './features/csp-reports/index.ts';
import { dashboard } from './features/dashboard/index.ts';
import { devMailbox } from './features/dev-mailbox/index.ts';
import { emailChange } from './features/email-change/index.ts';
import { emailConfirmation } from './features/email-confirmation/index.ts';
import {
  type ExternalSites,
  externalSignIn,
  externalSites,
  type SiteOptions,
} from './features/external-sign-in/index.ts';
import { freshProof } from './features/fresh-proof/index.ts';
import { health } from './features/health/index.ts';
import { magicLink } from './features/magic-link/index.ts';
import { newDevice } from './features/new-device/index.ts';
import { passwordChange } from './features/password-change/index.ts';
import { passwordReset, tellOfDisabling } from './features/password-reset/index.ts';
import {
  BREACH_TIMEOUT,
  type BreachCheck,
  breachCheckFor,
  createHasher,
  createPasswords,
  createPeppers,
  type Hasher,
  type Passwords,
  passwordData,
  passwords,
} from './features/passwords/index.ts';
import { createNameRules, registration } from './features/registration/index.ts';
import { sessions } from './features/sessions/index.ts';
import { signIn } from './features/sign-in/index.ts';
import { siteFiles } from './features/site-files/index.ts';
import { migrations, SCHEMA_NUMBER } from './operations/migrations/all.ts';
import { createSecrets } from './platform/crypto/secrets.ts';
import type { SendMail } from './platform/mail/application-transport.ts';
import { requiredMailFaults } from './platform/mail/mail.ts';
import type { MailWorker } from './platform/mail/worker.ts';
import {
  createLog,
  describeError,
  type Log,
  type LogDestination,
  logObserver,
} from './platform/observability/log.ts';
import type { Metrics } from './platform/observability/metrics/metrics.ts';
import type { WatchRoute } from './platform/observability/metrics/requests.ts';
import type { Challenge } from './platform/rate-limit/challenge.ts';
import { type Clock, type Pause, systemClock, systemPause } from './platform/runtime/clock.ts';
import { version } from './platform/runtime/version.ts';
import { SettingsError } from './platform/settings/read.ts';
import type { Answers } from './platform/web/answers.ts';
import { type ClientAddress, createClientAddress } from './platform/web/client-address.ts';
import { type RequestContext, requestContext } from './platform/web/context.ts';
import type { Csrf } from './platform/web/csrf.ts';
import type { ErrorAnswers } from './platform/web/errors.ts';
import { createOwnHost } from './platform/web/own-host.ts';
import { type Assets, loadAssets, siteFor } from './platform/web/pages/stylesheet.ts';
import { createRouter, type Handler } from './platform/web/router.ts';
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
  /** How long whoever knows of stolen passwords may take to answer, in milliseconds. */
  readonly breachTimeout?: number;
  /** How long Redis may take to answer a command, in milliseconds. */
  readonly redisTimeout?: number;
  /** How other sites are called that people sign in with. */
  readonly sites?: SiteOptions;
  /** Features beside our own; their sign-in steps are asked after ours, in this order. */
  readonly features?: (core: Core) => readonly Feature[];
  /** Sends mail in the place of an SMTP server. */
  readonly sendMail?: SendMail;
  /** Is asked for after too many attempts, in the place of the proof of work. */
  readonly challenge?: Challenge;
};

/** What may stand between a proven identity and a session, in the order in which it is asked. */
const SIGN_IN_STEPS: readonly string[] = ['confirm-address', 'new-password'];

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
  readonly mailWorker: MailWorker;
  readonly providerToken: ExternalSites['providerToken'];
  /** Brings the schema up to date. Until it is done nothing may be handled. */
  readonly prepare: () => Promise<void>;
  /** Begins the work that no request begins: mail, and deleting what has run out. */
  readonly startWork: () => void;
  readonly close: () => Promise<void>;
};

/**
 * The whole system on one page: the core, then every feature, in order.
 * @throws {SettingsError} when `EMAIL` asks for mail that cannot be sent
 */
export function composeSystem(settings: Settings, ports: Ports = {}): System {
  refuseWithoutMail(settings, ports.sendMail ?? null);
  // Filled when the features are there: they stand on the core, and parts of the core ask them.
  let features: readonly Feature[] = [];
  let signInRules: SignInRules = { methods: [], steps: [], witnesses: [] };
  const ground = layGround(settings, ports, () => features);
  const { clock, log, announce, storage, files, metrics } = ground;
  const hasher = ports.hasher ?? hasherFor(settings, metrics);
  watchAll(metrics, storage, hasher);
  const timeout = ports.breachTimeout ?? BREACH_TIMEOUT;
  const breaches = breachCheckFor(settings, { clock, announce, timeout });
  const composed = composeCore(settings, { ...ground, signInRules: () => signInRules });
  const { core, csrf, errors } = composed;
  const mailWorker = storage.mailSystem.worker;
  const sites = externalSites(core, settings.providers, ports.sites);
  const own = composeFeatures(core, settings, { files, hasher, breaches, log, sites });
  const more = ports.features?.(core) ?? [];
  features = [...own, ...more];
  signInRules = signInRulesOf(own, more);
  const clientAddress = createClientAddress(settings.trustedProxies ?? null, settings.forwardedHeader);
  const handle = composeHandler(composed, { features, hasher, clientAddress, metrics });
  const { guard, answers } = core;
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
    mailWorker,
    providerToken: sites.providerToken,
    prepare: storage.prepare,
    startWork: () => {
      storage.startRetention();
      mailWorker.start();
    },
    close: async () => {
      await core.afterAnswer.settled();
      await breaches.close();
      await hasher.close();
      await storage.close();
    },
  };
}

/** What the core stands on: what the outside handed in, or what stands in its place. */
function layGround(
  settings: Settings,
  ports: Ports,
  features: () => readonly Feature[],
): Omit<Ground, 'signInRules'> {
  const {
    clock = systemClock,
    pause = systemPause,
    metrics = null,
    sendMail = null,
    challenge = null,
    redisTimeout,
  } = ports;
  const log = createLog(settings.logLevel, clock, ports.logDestination);
  const secrets = createSecrets(settings.secretKeys);
  const observe = joinedObservers(log, metrics, ports.observers ?? []);
  const expiring = () => features().flatMap(({ expiring = [] }) => expiring);
  const outside = { clock, metrics, sendMail, redisTimeout };
  const storage = openStorage(settings, { ...outside, migrations, secrets, log, observe, expiring });
  const { announce } = storage;
  const files = loadAssets(settings.accentColor);
  const reportsPath = settings.cspReports === 'on' ? paths.cspReports : null;
  const handedIn = { clock, pause, metrics, challenge };
  return { ...handedIn, log, announce, secrets, storage, files, reportsPath };
}

function refuseWithoutMail(settings: Settings, sendMail: SendMail | null): void {
  const faults = requiredMailFaults(settings, sendMail);
  if (faults.length > 0) throw new SettingsError(faults);
}

function joinedObservers(log: Log, metrics: Metrics | null, others: readonly Observer[]): Observer {
  const own = [logObserver(log), ...(metrics === null ? [] : [metrics.observeEvent])];
  return announceTo([...own, ...others], (error) =>
    log.error({ event: 'observer-failed', error: describeError(error) }),
  );
}

type HandlerParts = {
  readonly features: readonly Feature[];
  readonly hasher: Hasher;
  readonly clientAddress: ClientAddress;
  readonly metrics: Metrics | null;
};

function composeHandler({ core, csrf, errors }: ComposedCore, parts: HandlerParts): Handler {
  const { features, hasher, clientAddress, metrics } = parts;
  const { settings, guard, answers, cookies, repeats, announce, devices, clock } = core;
  const { origin } = settings.baseUrl;
  const isOwnHost = createOwnHost(settings.baseUrl);
  const isHashingFull = (route: Route, request: Request) =>
    hasher.isFull(hasOwnLine(route) && devices.isKnownToAnybody(request, clock()) ? 'known' : 'everybody');
  const watchRoute: WatchRoute = metrics?.watchRoute ?? ((_, handler) => handler);
  const passing = { origin, isOwnHost, clientAddress, isHashingFull, watchRoute };
  return createRouter(
    { ...passing, guard, answers, errors, cookies, csrf, repeats, announce },
    features.flatMap((feature) => feature.routes),
  );
}

/** Whether hashes for a route may wait in the line of the browsers that are known: where an account is signed in to, or is. */
function hasOwnLine({ access, path }: Route): boolean {
  return path === paths.login || access === 'signed-in' || access === 'fresh';
}

function hasherFor({ passwordHash, passwordPepper }: Settings, metrics: Metrics | null): Hasher {
  const peppers = createPeppers(passwordPepper ?? []);
  return createHasher(passwordHash, { peppers, observe: metrics?.observeHash ?? null });
}

function watchAll(metrics: Metrics | null, { database }: Storage, hasher: Hasher): void {
  metrics?.tellBuild({ version: version(), database: database.engine, schema: SCHEMA_NUMBER });
  metrics?.watchHashing(hasher.load);
}

function signInRulesOf(own: readonly Feature[], more: readonly Feature[]): SignInRules {
  const steps = (features: readonly Feature[]) => features.flatMap(({ signInSteps = [] }) => signInSteps);
  const order = [...SIGN_IN_STEPS, ...steps(more).map(({ name }) => name)];
  return {
    methods: [...own, ...more].flatMap(({ signInMethods = [] }) => signInMethods),
    steps: inOrder([...steps(own), ...steps(more)], order),
    witnesses: [...own, ...more].flatMap(({ signInWitnesses = [] }) => signInWitnesses),
  };
}

type FeatureParts = {
  readonly files: Assets;
  readonly hasher: Hasher;
  readonly breaches: BreachCheck;
  readonly log: Log;
  readonly sites: ExternalSites;
};

function composeFeatures(
  core: Core,
  settings: Settings,
  { files, hasher, breaches, log, sites }: FeatureParts,
): readonly Feature[] {
  const passwordRules: Passwords = createPasswords({
    database: core.database,
    hasher,
    breaches,
    clock: core.clock,
    minimumCodePoints: settings.passwordMinLength,
    siteName: settings.siteName,
    onDisabled: (context, accountId) => tellOfDisabling(core, passwordRules, context, accountId),
  });
  const personalData = [
    ...personalDataInCore(core.database, core.accounts),
    passwordData(passwordRules),
    ...sites.personalData,
    mailData(core.database),
  ];
  const names = createNameRules(settings.siteName, settings);
  const { deletionDelay } = settings;
  return [
    assets(files, core.answers),
    siteFiles(core, files, settings.securityContact ?? null),
    health(core),
    cspReports(core, settings.cspReports, log),
    passwords,
    registration(core, { passwords: passwordRules, names, otherWays: sites.ways, settings }),
    signIn(core, passwordRules, sites.ways),
    externalSignIn(core, { sites, passwords: passwordRules, names }),
    emailConfirmation(core, passwordRules),
    breachedPasswords(core, passwordRules),
    passwordReset(core, passwordRules),
    magicLink(core),
    newDevice(core, passwordRules),
    emailChange(core, { passwords: passwordRules, isBlocked: names.isBlocked }),
    freshProof(core, { passwords: passwordRules, otherProofs: sites.proofsOf }),
    sessions(core),
    dashboard(core),
    accounts(core, { deletionDelay, personalData, hasConnections: sites.ways.length > 0 }),
    passwordChange(core, passwordRules),
    devMailbox(core, siteFor(settings.siteName, files)),
  ];
}
