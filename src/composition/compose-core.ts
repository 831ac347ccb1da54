import type { Core } from '../auth/core.ts';
import { createChangeCredential, type EndOtherAccess } from '../auth/credential-change.ts';
import { authCookies } from '../auth/definitions.ts';
import { createGuard } from '../auth/guard.ts';
import type { TokenKind } from '../auth/one-time-tokens/token-definition.ts';
import { paths } from '../auth/paths.ts';
import { userBinding } from '../auth/request-context.ts';
import { createPendingSignIns } from '../auth/required-steps/pending-sign-ins.ts';
import { sessionCookie } from '../auth/sessions/session-cookie.ts';
import type { CoreSettings } from '../auth/settings.ts';
import { createGate } from '../auth/sign-in.ts';
import type { Slots } from '../auth/slots.ts';
import { createRowSeals, createSeal, type Secrets } from '../platform/crypto/index.ts';
import type { Announce, EventDefinition } from '../platform/events/index.ts';
import { describeError, type Log, type Metrics } from '../platform/observability/index.ts';
import {
  type Challenge,
  createDevices,
  createProofOfWork,
  createThrottle,
  type Throttle,
} from '../platform/rate-limit/index.ts';
import type { Clock, Pause } from '../platform/runtime/index.ts';
import { settingsReader } from '../platform/settings/index.ts';
import {
  type AfterAnswer,
  type Assets,
  createAfterAnswer,
  createAnswers,
  createCookies,
  createCsrf,
  createErrorAnswers,
  createFlashCodec,
  createFlows,
  createFormTimes,
  createLinkTokens,
  createLocations,
  createOneTimeCodes,
  createPageAnswers,
  createRepeats,
  type FlashDefinition,
  type Locations,
  onwardPath,
  siteFor,
} from '../platform/web/index.ts';
import type { Languages } from '../platform/words/index.ts';
import { createLinkedCredentials, createProofs, createSignOutRedirect } from './asked-methods.ts';
import { bannersOf, navigation } from './navigation.ts';
import { createRuledCheck, measureSessionChecks } from './session-checks.ts';
import type { Storage } from './storage.ts';
import { staleFormWords } from './words.ts';

/** The scheme is that of draft-broyer-http-cookie-auth: browsers show no dialog of their own for it. */
const UNAUTHORIZED = { title: 'Not signed in', challenge: 'Cookie realm="sign in"' };

export type CoreDependencies = {
  readonly clock: Clock;
  readonly pause: Pause;
  readonly log: Log;
  readonly announce: Announce;
  readonly secrets: Secrets;
  readonly storage: Storage;
  readonly tokens: readonly TokenKind[];
  readonly endOtherAccess: EndOtherAccess;
  readonly files: Assets;
  /** Required instead of the proof of work. */
  readonly challenge: Challenge | null;
  readonly metrics: Metrics | null;
  readonly flashes: ReadonlyMap<string, FlashDefinition>;
  readonly events: ReadonlyMap<string, EventDefinition>;
  readonly methodLabel: Core['methodLabel'];
  readonly languages: Languages;
  /** Where browsers report violations of the Content-Security-Policy; null for nowhere. */
  readonly cspReportPath: string | null;
  /** Complete once all features are composed. */
  readonly slots: () => Slots;
};

export function composeCore(settings: CoreSettings, dependencies: CoreDependencies) {
  const { clock, announce, secrets, metrics, slots } = dependencies;
  const rules = () => slots().signInRules;
  const { database, counters, accounts, lifecycle, sessions, oneTimeTokens, audit } = dependencies.storage;
  const http = composeHttp(settings, dependencies);
  const { locations, cookies, pages } = http.parts;
  const ruled = createRuledCheck(sessions.check, () => slots().sessionRules);
  const check = metrics === null ? ruled : measureSessionChecks(metrics.registry)(ruled);
  const guard = createGuard({ check, cookies, clock, announce, freshFor: settings.sessionFresh });
  const generationOf = accounts.devicesForgottenAt;
  const devices = createDevices({ secrets, cookies, cookie: authCookies.device, generationOf });
  const { flows } = http.forms;
  const pendingSignIns = createPendingSignIns({ database, secrets, flows, clock, rules });
  const { mail, notices } = dependencies.storage.mailSystem;
  const proofs = createProofs({ rules, accounts, mail });
  const signingIn = { sessions, lifecycle, pendingSignIns, proofs, cookies, devices, clock, announce, rules };
  const gate = createGate({ ...signingIn, locations, flash: pages.flash });
  const linkedCredentials = createLinkedCredentials(rules);
  const { tokens, endOtherAccess } = dependencies;
  const ending = { tokens, endOtherAccess };
  const changing = { database, accounts, oneTimeTokens, ...ending, linkedCredentials, notices };
  const core: Core = {
    settings,
    settingsOf: settingsReader(settings),
    ...handedOn(dependencies),
    ...http.parts,
    database,
    accounts,
    lifecycle,
    counters,
    sessions,
    oneTimeTokens,
    oneTimeCodes: createOneTimeCodes(secrets),
    ...http.forms,
    audit,
    mail,
    notices,
    afterAnswer: afterAnswerOn(dependencies),
    guard,
    throttle: throttleOn(dependencies),
    devices,
    ...gate,
    changeCredential: createChangeCredential({ ...signingIn, ...changing }),
    linkedCredentials,
    signOutRedirect: createSignOutRedirect(rules),
    pendingSignIns,
    proofs,
    providerSeal: createSeal(secrets, 'provider-tokens'),
    sealFor: (purpose) => createSeal(secrets, purpose),
    rowSeals: (table) => createRowSeals(secrets, table),
  };
  return { core, csrf: http.csrf, errors: http.errors };
}

function handedOn({
  clock,
  pause,
  log,
  metrics,
  files,
  slots,
  events,
  methodLabel,
  announce,
}: CoreDependencies) {
  return { clock, pause, log, metrics, files, slots, events, methodLabel, announce };
}

/** How requests are read, and what answers are made of. */
function composeHttp(
  settings: CoreSettings,
  {
    secrets,
    files,
    storage,
    log,
    metrics,
    slots,
    cspReportPath,
    flashes,
    languages,
    ...time
  }: CoreDependencies,
) {
  const site = siteFor(settings.siteName, settings.basePath, files);
  const locations = locationsOf(settings);
  const cookies = createCookies(settings);
  const csrf = createCsrf(secrets);
  const reportsPath = cspReportPath === null ? null : locations.of(cspReportPath);
  const answers = createAnswers({ ...settings, reportsPath, unauthorized: UNAUTHORIZED });
  const flows = createFlows(cookies);
  const { database, oneTimeTokens } = storage;
  const pages = createPageAnswers({
    site,
    locations,
    answers,
    cookies,
    csrf,
    flashes: createFlashCodec(secrets, flashes),
    bindingOf: userBinding,
    navigation,
    banner: (context, csrf) => bannersOf(slots(), context, csrf),
    staleForm: (words) => words(staleFormWords).text,
  });
  return {
    parts: { site, locations, cookies, answers, pages },
    csrf,
    errors: createErrorAnswers({
      answers,
      site,
      origin: settings.baseUrl.origin,
      basePath: settings.basePath,
      languages,
      database,
      log,
      ...(metrics !== null && { count: metrics.countFailure }),
    }),
    forms: {
      flows,
      linkTokens: createLinkTokens<TokenKind>({
        flows,
        answers,
        opens: (purpose, token) => oneTimeTokens.isGood(purpose, token, time.clock()),
      }),
      formTimes: createFormTimes(secrets, time.clock),
      repeats: createRepeats({
        database,
        secrets,
        cookies,
        outcomeCookie: sessionCookie,
        answers,
        clock: time.clock,
        pause: time.pause,
      }),
    },
  };
}

function locationsOf(settings: CoreSettings): Locations {
  const { afterSignIn } = settings;
  return createLocations(
    settings,
    afterSignIn === undefined ? paths.home : onwardPath(afterSignIn, settings),
  );
}

function afterAnswerOn({ log }: CoreDependencies): AfterAnswer {
  return createAfterAnswer((error) =>
    log.error({ event: 'work-after-answer-failed', error: describeError(error) }),
  );
}

function throttleOn({ storage: { counters }, ...dependencies }: CoreDependencies): Throttle {
  const { clock, log, announce, secrets, files, challenge } = dependencies;
  return createThrottle({
    counters,
    challenge: challenge ?? createProofOfWork(secrets, counters, files.solver.path),
    clock,
    announce,
    onFailure: (error) => log.warn({ event: 'attempts-not-given-back', error: describeError(error) }),
  });
}

export type ComposedCore = ReturnType<typeof composeCore>;
