import type { Commands } from './auth/commands.ts';
import type { Core } from './auth/core.ts';
import type { EndOtherAccess } from './auth/credential-change.ts';
import {
  authCookies,
  emails as authEmails,
  events as authEvents,
  flashes as authFlashes,
} from './auth/definitions.ts';
import type { Feature, FeatureDefinition, Route } from './auth/feature.ts';
import type { TokenKind } from './auth/one-time-tokens/token-definition.ts';
import { type RequestContext, requestContext, type SignedInContext } from './auth/request-context.ts';
import type { UseService } from './auth/services.ts';
import type { AccountRoles } from './auth/sessions/store.ts';
import type { CoreSettings } from './auth/settings.ts';
import type { Slots } from './auth/slots.ts';
import { type Observer, observeByName } from './composition/announce.ts';
import {
  collectDefinitions,
  collectMigrations,
  collectSettings,
  collectSlots,
  createServices,
  giveService,
} from './composition/collect.ts';
import { type ComposedCore, type CoreDependencies, composeCore } from './composition/compose-core.ts';
import { createPipeline } from './composition/pipeline.ts';
import { presentedRoutes } from './composition/present.ts';
import { openStorage, type Storage } from './composition/storage.ts';
import { accounts } from './features/accounts/index.ts';
import { apiTokens } from './features/api-tokens/index.ts';
import { assets } from './features/assets/index.ts';
import { breachedPasswords } from './features/breached-passwords/index.ts';
import { cspReports } from './features/csp-reports/index.ts';
import { dashboard } from './features/dashboard/index.ts';
import { devMailbox } from './features/dev-mailbox/index.ts';
import { deviceGrant } from './features/device-grant/index.ts';
import { emailChange } from './features/email-change/index.ts';
import { emailConfirmation } from './features/email-confirmation/index.ts';
import {
  configuredProvidersService,
  externalSignIn,
  type IdentityProviderOptions,
  identityProviderOptionsService,
  identityProvidersService,
  type Provider,
  type ProviderToken,
} from './features/external-sign-in/index.ts';
import { factorChanges } from './features/factor-changes/index.ts';
import { factorRecovery } from './features/factor-recovery/index.ts';
import { freshAuthentication } from './features/fresh-authentication/index.ts';
import { health } from './features/health/index.ts';
import { magicLink } from './features/magic-link/index.ts';
import { newDevice } from './features/new-device/index.ts';
import { passkeys } from './features/passkeys/index.ts';
import { passwordChange } from './features/password-change/index.ts';
import { passwordReset } from './features/password-reset/index.ts';
import { breachTimeout, type Hasher, hasherService, passwords } from './features/passwords/index.ts';
import { recoveryCodes } from './features/recovery-codes/index.ts';
import { registration } from './features/registration/index.ts';
import { rememberedDevices } from './features/remembered-devices/index.ts';
import { requestedMail } from './features/requested-mail/index.ts';
import { roles, rolesSettings } from './features/roles/index.ts';
import { policySettings, secondFactors } from './features/second-factors/index.ts';
import { sessions } from './features/sessions/index.ts';
import { type SignedOut, signIn, signOut } from './features/sign-in/index.ts';
import { siteFiles } from './features/site-files/index.ts';
import { totp } from './features/totp/index.ts';
import { languages as builtInLanguages, wordsOfCore } from './languages.ts';
import { initialSchema } from './operations/migrations/001-initial-schema.ts';
import { disabledAccountsStep } from './operations/migrations/003-disabled-accounts.ts';
import { secondFactorsOfSessionsStep } from './operations/migrations/006-second-factors-of-sessions.ts';
import { auditEvents } from './platform/audit-log/index.ts';
import { createSecrets } from './platform/crypto/index.ts';
import { isMailPossible } from './platform/deployment/index.ts';
import { announceTo, type EventDefinition, type EventObserver } from './platform/events/index.ts';
import {
  type EmailDefinition,
  type MailWorker,
  mailEvents,
  emails as ownEmails,
  type SendMail,
} from './platform/mail/index.ts';
import {
  createLog,
  describeError,
  type Log,
  type LogDestination,
  logObserver,
  type Metrics,
  type WatchRoute,
} from './platform/observability/index.ts';
import { type Challenge, type Limit, throttleEvents } from './platform/rate-limit/index.ts';
import {
  type Clock,
  type Pause,
  systemClock,
  systemPause,
  trimmedEnd,
  version,
} from './platform/runtime/index.ts';
import {
  type Fault,
  SettingsError,
  type SettingsOf,
  type SettingValues,
  settingsReader,
} from './platform/settings/index.ts';
import type { Migration, OpenDatabase } from './platform/sql/index.ts';
import {
  type Cookie,
  type CreateContext,
  type Csrf,
  createClientAddress,
  createKnowsPath,
  createOwnHost,
  createRouter,
  type ErrorAnswers,
  type FlowCookie,
  type Handler,
  type Locations,
  loadAssets,
  pathAsSent,
  webCookies,
  webEvents,
} from './platform/web/index.ts';
import { english, type Languages, untranslated, type WordsFile } from './platform/words/index.ts';

export { mailboxPath } from './features/dev-mailbox/index.ts';
export { healthPaths } from './features/health/index.ts';

/** What the caller provides; tests use their own clock, count the hashes and collect the log. */
export type Ports = {
  readonly clock?: Clock;
  readonly pause?: Pause;
  readonly hasher?: Hasher;
  readonly observers?: readonly Observer[];
  readonly logDestination?: LogDestination;
  /** Where to count what happens; nothing is counted without. */
  readonly metrics?: Metrics | null;
  /** How long the service for breached passwords may take to respond, in milliseconds. */
  readonly breachTimeout?: number;
  /** How long Redis may take to answer a command, in milliseconds. */
  readonly redisTimeout?: number;
  /** Opens the database instead of `databaseUrl`, such as on the pool of an application. */
  readonly openDatabase?: OpenDatabase;
  /** How identity providers are requested, and those that an application defines. */
  readonly identityProviders?: IdentityProviderOptions;
  /** Features beside our own; their sign-in steps are asked after ours, in this order. */
  readonly features?: (core: Core) => readonly Feature[];
  /** Sends mail instead of an SMTP server. */
  readonly sendMail?: SendMail;
  /** The languages of pages and mails instead of those of `languages.ts`. */
  readonly languages?: Languages;
  /** Required after too many attempts instead of the proof of work. */
  readonly challenge?: Challenge;
};

/** Every feature; the order means nothing. */
const FEATURES = [
  assets,
  siteFiles,
  health,
  cspReports,
  passwords,
  requestedMail,
  registration,
  signIn,
  externalSignIn,
  emailConfirmation,
  breachedPasswords,
  passwordReset,
  magicLink,
  newDevice,
  emailChange,
  freshAuthentication,
  sessions,
  dashboard,
  accounts,
  passwordChange,
  devMailbox,
  roles,
  apiTokens,
  deviceGrant,
  secondFactors,
  factorChanges,
  factorRecovery,
  passkeys,
  totp,
  recoveryCodes,
  rememberedDevices,
] as const;

/** The same without the types of their settings. */
const declarations: readonly FeatureDefinition[] = FEATURES;

/** The values of all settings that auth and the features declare, and what is derived from them. */
export type Settings = CoreSettings &
  SettingValues<typeof featureSettings> & { readonly providers: readonly Provider[] };

export const featureSettings = collectSettings(FEATURES);

export const emails: readonly EmailDefinition<never>[] = [
  ...collectDefinitions<EmailDefinition<never>>([
    ownEmails,
    authEmails,
    ...declarations.map((feature) => feature.emails),
  ]).values(),
];

/** Every kind of one-time token. */
export const tokens: readonly TokenKind[] = [
  ...collectDefinitions(declarations.map((feature) => feature.tokens)).values(),
];

/** Ends what the features give access by beside sessions. */
export const endOtherAccess: EndOtherAccess = async (transaction, accountId) => {
  for (const feature of declarations) await feature.endOtherAccess?.(transaction, accountId);
};

export const commands: readonly Commands[] = declarations.flatMap((feature) => feature.commands ?? []);

/** Every limit on attempts, in the order of the documents. */
export const limits: readonly Limit[] = collectLimits(declarations);

function collectLimits(features: readonly Pick<FeatureDefinition, 'limits'>[]): readonly Limit[] {
  return [...collectDefinitions(features.map((feature) => feature.limits)).values()];
}

/** Every step of the schema, in order. */
export const migrations: readonly Migration[] = collectMigrations([
  initialSchema,
  disabledAccountsStep,
  secondFactorsOfSessionsStep,
  ...declarations.flatMap((feature) => feature.migrations ?? []),
]);

/** Every cookie, single or of flows. */
export const cookies: readonly (Cookie | FlowCookie)[] = [
  ...collectDefinitions<Cookie | FlowCookie>([
    webCookies,
    authCookies,
    ...declarations.map((feature) => feature.cookies),
  ]).values(),
];

const methodLabels = new Map(declarations.flatMap(({ methodLabels = {} }) => Object.entries(methodLabels)));

/** How a sign-in method is called on pages; one that only another version knows is called by its name. */
export const methodLabel: Core['methodLabel'] = (words, method) =>
  methodLabels.get(method)?.(words) ?? method;

/** The tables of features that a copy between databases leaves out, each with the reason. */
export const tablesNotCopied: Readonly<Record<string, string>> = Object.assign(
  {},
  ...declarations.map((feature) => feature.tablesNotCopied),
);

export const eventDefinitions: ReadonlyMap<string, EventDefinition> = collectDefinitions<EventDefinition>([
  auditEvents,
  mailEvents,
  throttleEvents,
  webEvents,
  authEvents,
  ...declarations.map(({ events }) => events),
]);

export type System = {
  readonly core: Core;
  readonly features: readonly Feature[];
  readonly handle: Handler;
  /** Whether a request is to a path of these routes, except for those that each site has once, such as `/`. */
  readonly owns: (request: Pick<Request, 'url'>) => boolean;
  /** Ends the session of a request; the context carries the cookies that end it in the browser. */
  readonly signOut: (context: SignedInContext) => Promise<SignedOut>;
  /** The context of a request that an application answers itself. */
  readonly contextOf: CreateContext<RequestContext>;
  readonly errors: ErrorAnswers;
  readonly csrf: Csrf;
  readonly storage: Storage;
  readonly mailWorker: MailWorker;
  readonly providerToken: (userId: string, provider: string) => Promise<ProviderToken | null>;
  /** The services of features, for the library and the command line. */
  readonly use: UseService;
  /** Brings the schema up to date. No request may be handled before. */
  readonly prepare: () => Promise<void>;
  /** Starts background work: mail, and deleting what has expired. */
  readonly startWork: () => void;
  readonly close: () => Promise<void>;
};

/**
 * Composes the whole system: the core, the services that features share, then every feature.
 * @throws {SettingsError} when `EMAIL` asks for mail that cannot be sent
 */
export function composeSystem(settings: Settings, ports: Ports = {}): System {
  refuseSettings(settings, ports);
  // The core and the features refer to each other; what features add is read at request time.
  let slots: Slots = collectSlots([]);
  const dependencies = createDependencies(settings, ports, () => slots);
  const composed = composeCore(settings, dependencies);
  const { core, csrf, errors } = composed;
  const { storage, metrics } = dependencies;
  const use = createServices(core, givenServices(settings, ports));
  const own = declarations.map((feature) => composeFeature(core, use, feature));
  const features: readonly Feature[] = [...own, ...(ports.features?.(core) ?? [])];
  collectLimits(features);
  refuseUntranslated(languagesOf(ports), features);
  slots = collectSlots(features);
  const hasher = use(hasherService);
  metrics?.setBuild({
    version: version(),
    database: storage.database.engine,
    schema: migrations.at(-1)?.number ?? 0,
  });
  const clientAddress = createClientAddress(settings.trustedProxies ?? null, settings.forwardedHeader);
  const contextParts = { clientAddress, languages: languagesOf(ports) };
  const contextOf: CreateContext<RequestContext> = (request, environment) =>
    requestContext(request, environment, contextParts);
  const handle = composeHandler(composed, { features, hasher, contextOf });
  const mailWorker = storage.mailSystem.worker;
  return {
    core,
    features,
    handle,
    owns: createOwns(features, core.locations),
    signOut: (context) => signOut(core, context),
    contextOf,
    errors,
    csrf,
    storage,
    mailWorker,
    providerToken: use(identityProvidersService).providerToken,
    use,
    prepare: storage.prepare,
    startWork: () => {
      storage.startRetention();
      mailWorker.start();
    },
    close: async () => {
      await core.afterAnswer.settled();
      for (const feature of features) await feature.close?.();
      await storage.close();
    },
  };
}

function composeFeature(core: Core, use: UseService, { compose, ...declared }: FeatureDefinition): Feature {
  const parts = compose(core, use);
  const presented = declared.isOn?.(core) === false ? [] : presentedRoutes(core, use, declared);
  return { ...declared, ...parts, routes: [...presented, ...(parts.routes ?? [])] };
}

/** The services that the settings or the caller decide. */
function givenServices(
  settings: Settings,
  { hasher, breachTimeout: timeout, identityProviders: options }: Ports,
) {
  return [
    giveService(configuredProvidersService, settings.providers),
    ...(hasher === undefined ? [] : [giveService(hasherService, hasher)]),
    ...(timeout === undefined ? [] : [giveService(breachTimeout, timeout)]),
    ...(options === undefined ? [] : [giveService(identityProviderOptionsService, options)]),
  ];
}

/** What the core depends on: what the caller handed in, or its default. */
function createDependencies(settings: Settings, ports: Ports, slots: () => Slots): CoreDependencies {
  const {
    clock = systemClock,
    pause = systemPause,
    metrics = null,
    sendMail = null,
    challenge = null,
    redisTimeout,
    openDatabase,
  } = ports;
  const log = createLog(settings.logLevel, clock, ports.logDestination);
  const secrets = createSecrets(settings.secretKeys);
  const observe = joinedObservers(log, metrics, ports.observers ?? []);
  const expiring = () => slots().expiring;
  const [language] = languagesOf(ports);
  const accountRoles = accountRolesOf(settings);
  const outside = { clock, metrics, sendMail, language, redisTimeout, accountRoles, openDatabase };
  const storage = openStorage(settings, {
    ...outside,
    migrations,
    secrets,
    tokens,
    endOtherAccess,
    log,
    observe,
    expiring,
  });
  const { announce } = storage;
  const files = loadAssets(settings.accentColor);
  const cspReportPath = cspReportPathOf(settings);
  const flashes = collectDefinitions([authFlashes, ...declarations.map(({ flashes }) => flashes)]);
  const handedIn = { clock, pause, metrics, challenge };
  return {
    ...handedIn,
    log,
    announce,
    secrets,
    storage,
    tokens,
    endOtherAccess,
    files,
    flashes,
    events: eventDefinitions,
    methodLabel,
    languages: languagesOf(ports),
    cspReportPath,
    slots,
  };
}

function createOwns(features: readonly Feature[], { ofRoute }: Locations): System['owns'] {
  const routes = features.flatMap((feature) => feature.routes);
  const paths = routes.flatMap((route) => {
    const path = ofRoute(route);
    const isOfSite = 'isOfSite' in route && route.isOfSite === true;
    return isOfSite && path === route.path ? [] : [path];
  });
  const knowsPath = createKnowsPath(paths);
  return (request) => knowsPath(trimmedEnd(pathAsSent(request), '/'));
}

function languagesOf({ languages = builtInLanguages }: Ports): Languages {
  return languages;
}

function accountRolesOf(settings: Settings): AccountRoles | null {
  const settingsOf = settingsReader(settings);
  const kept = declarations.map(({ accountRoles }) => accountRoles?.(settingsOf) ?? null);
  return kept.find((roles) => roles !== null) ?? null;
}

function cspReportPathOf(settings: Settings): string | null {
  const settingsOf = settingsReader(settings);
  const paths = declarations.map(({ cspReportPath }) => cspReportPath?.(settingsOf) ?? null);
  return paths.find((path) => path !== null) ?? null;
}

function refuseSettings(settings: Settings, { sendMail, identityProviders }: Ports): void {
  const isPossible = isMailPossible(settings, sendMail ?? null);
  const { baseUrl, email } = settings;
  const site = { isMailPossible: isPossible, hasAddresses: email !== 'off', baseUrl };
  const settingsOf = settingsReader(settings);
  const ofFeatures = declarations.flatMap(({ settingFaults }) => settingFaults?.(settingsOf, site) ?? []);
  const message = 'is "required", and no mail can be sent; give SMTP_URL and MAIL_FROM, too, or optional';
  const own = settings.email === 'required' && !isPossible ? [{ name: 'EMAIL', message }] : [];
  const providers = [...settings.providers, ...(identityProviders?.providers ?? [])];
  const faults = [...own, ...ofFeatures, ...roleFaults(settingsOf, providers)];
  if (faults.length > 0) throw new SettingsError(faults);
}

/** A policy for roles that nothing gives would require a second factor of no account (A65). */
function roleFaults(
  settingsOf: SettingsOf,
  providers: readonly Pick<Provider, 'rolesOf' | 'possibleRoles'>[],
): readonly Fault[] {
  const { mfa, mfaRoles = [] } = settingsOf(policySettings);
  const hasRoles = settingsOf(rolesSettings).roles !== undefined;
  const giving = providers.filter(({ rolesOf }) => rolesOf !== undefined);
  // An application's own provider may give any role.
  const isOpen = giving.some(({ possibleRoles }) => possibleRoles === undefined);
  if (mfa !== 'required-for-roles' || hasRoles || isOpen) return [];
  const given = giving.flatMap(({ possibleRoles = [] }) => possibleRoles);
  const unknown = mfaRoles.filter((role) => !given.includes(role));
  const what =
    giving.length === 0 ? 'roles that no account can have' : `${unknown.join(', ')}, which nothing gives`;
  if (unknown.length === 0) return [];
  return [
    { name: 'MFA_ROLES', message: `has ${what}; give ROLES, or the roles of an identity provider, too` },
  ];
}

function joinedObservers(log: Log, metrics: Metrics | null, others: readonly Observer[]): EventObserver {
  const own = [logObserver(log), ...(metrics === null ? [] : [metrics.countEvents(eventDefinitions)])];
  return announceTo([...own, ...others.map(observeByName)], (error) =>
    log.error({ event: 'observer-failed', error: describeError(error) }),
  );
}

type HandlerParts = {
  readonly features: readonly Feature[];
  readonly hasher: Hasher;
  readonly contextOf: CreateContext<RequestContext>;
};

function composeHandler({ core, csrf, errors }: ComposedCore, parts: HandlerParts): Handler {
  const { features, hasher, contextOf } = parts;
  const { settings, locations, guard, answers, cookies, repeats, announce, devices, clock, metrics } = core;
  const { origin } = settings.baseUrl;
  const isOwnHost = createOwnHost(settings.baseUrl, settings.allowedHosts);
  const isHashingFull = (route: Route, request: Request) =>
    hasher.isFull(canHavePriority(route) && devices.hasAnyOwner(request, clock()) ? 'known' : 'other');
  const watchRoute: WatchRoute = metrics?.watchRoute ?? ((_, handler) => handler);
  const routes = createPipeline(
    {
      origin,
      basePath: settings.basePath,
      locations,
      isHashingFull,
      guard,
      answers,
      cookies,
      csrf,
      repeats,
      announce,
    },
    features.flatMap((feature) => feature.routes),
  );
  return createRouter(
    { origin, isOwnHost, createContext: contextOf, answers, errors, announce, watchRoute },
    routes,
  );
}

/** Refuses languages that would show some words in English. */
function refuseUntranslated(languages: Languages, features: readonly Feature[]): void {
  const ofFeatures = features.map(({ name, words = {} }) => [`features/${name}`, words] as const);
  const files: Readonly<Record<string, WordsFile>> = { ...wordsOfCore, ...Object.fromEntries(ofFeatures) };
  for (const language of languages.filter((one) => one !== english)) {
    const missing = untranslated(language, files).map((folder) => `${folder}/words.${language.tag}.ts`);
    if (missing.length > 0)
      throw new Error(
        `The language ${language.tag} lacks ${missing.join(', ')}; src/languages.ts lists its files`,
      );
  }
}

/** Whether hashes for a route may wait with the priority of known devices: for signing in, and in a session. */
function canHavePriority({ access, limit }: Route): boolean {
  return limit === 'sign-in' || access === 'signed-in' || access === 'fresh';
}
