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
import type { SendMail } from './core/mail/application-transport.ts';
import { mailData } from './core/mail/kept-mail.ts';
import { openMail } from './core/mail/mail.ts';
import type { MailWorker } from './core/mail/worker.ts';
import { type Assets, loadAssets, siteFor } from './core/pages/stylesheet.ts';
import { paths } from './core/paths.ts';
import { personalDataInCore } from './core/personal-data.ts';
import { createSecrets, type Secrets } from './core/secrets.ts';
import { createGate } from './core/sign-in.ts';
import { openStorage, type Storage } from './core/storage.ts';
import { accounts } from './features/accounts/index.ts';
import { assets } from './features/assets/index.ts';
import { cspReports } from './features/csp-reports/index.ts';
import { dashboard } from './features/dashboard/index.ts';
import { devMailbox } from './features/dev-mailbox/index.ts';
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
  readonly hasher?: Hasher;
  readonly observers?: readonly Observer[];
  readonly logDestination?: LogDestination;
  /** Sends mail in the place of an SMTP server. */
  readonly sendMail?: SendMail;
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
  readonly mailWorker: MailWorker;
  /** Brings the schema up to date. Until it is done nothing may be handled. */
  readonly prepare: () => Promise<void>;
  /** Begins the work that no request begins: mail, and deleting what has run out. */
  readonly startWork: () => void;
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
  const files = loadAssets(settings.accentColor);
  const sendMail = ports.sendMail ?? null;
  const ground = { clock, log, announce, secrets, storage, files, sendMail };
  const { core, csrf, errors, mailWorker } = composeCore(settings, ground);
  const features = composeFeatures(core, settings, { files, hasher, log });
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
    mailWorker,
    prepare: storage.prepare,
    startWork: () => {
      storage.startRetention();
      mailWorker.start();
    },
    close: async () => {
      await mailWorker.close();
      await hasher.close();
      await storage.close();
    },
  };
}

function hasherFor({ passwordHash, passwordPepper }: Settings): Hasher {
  return createHasher(passwordHash, availableParallelism(), createPeppers(passwordPepper ?? []));
}

type Ground = {
  readonly clock: Clock;
  readonly log: Log;
  readonly announce: Observer;
  readonly secrets: Secrets;
  readonly storage: Storage;
  readonly files: Assets;
  readonly sendMail: SendMail | null;
};

function composeCore(settings: Settings, ground: Ground) {
  const { clock, log, announce, secrets, files, sendMail } = ground;
  const { database, counters, accounts, lifecycle, sessions } = ground.storage;
  const site = siteFor(settings.siteName, files);
  const cookies = createCookies(settings.isSecure);
  const csrf = createCsrf(secrets);
  const answers = createAnswers(settings.isSecure, settings.cspReports === 'on' ? paths.cspReports : null);
  const errors = createErrorAnswers(answers, site, database, log);
  const pages = createPageAnswers({ site, answers, cookies, csrf, flashes: createFlashCodec(secrets) });
  const guard = createGuard({ sessions, cookies, clock, announce, freshFor: settings.sessionFresh });
  const completeSignIn = createGate({ sessions, lifecycle, cookies, clock, announce, flash: pages.flash });
  const { mail, worker: mailWorker } = openMail(settings, {
    database,
    secrets,
    clock,
    announce,
    log,
    sendMail,
  });
  const core: Core = {
    settings,
    clock,
    database,
    accounts,
    lifecycle,
    counters,
    sessions,
    mail,
    guard,
    completeSignIn,
    announce,
    cookies,
    answers,
    pages,
  };
  return { core, csrf, errors, mailWorker };
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
  const personalData = [
    ...personalDataInCore(core.database, core.accounts),
    passwordData(passwordRules),
    mailData(core.database),
  ];
  return [
    assets(files, core.answers),
    health(core),
    cspReports(core, settings.cspReports, log),
    passwords,
    registration(core, passwordRules),
    signIn(core, passwordRules),
    freshProof(core, passwordRules),
    sessions(core, settings.geoipDatabase),
    dashboard(core),
    accounts(core, { deletionDelay: settings.deletionDelay, personalData }),
    passwordChange(core, passwordRules),
    devMailbox(core, siteFor(settings.siteName, files)),
  ];
}
