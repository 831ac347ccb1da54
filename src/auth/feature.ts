import type { EventDefinition } from '../platform/events/index.ts';
import type { EmailDefinition } from '../platform/mail/index.ts';
import type { Limit, RouteBounds, TableBounds } from '../platform/rate-limit/index.ts';
import type { Fault, SettingDefinitions, SettingsOf } from '../platform/settings/index.ts';
import type { Expiring, Migration } from '../platform/sql/index.ts';
import type { Cookie, FlashDefinition, FlowCookie, MaybePromise } from '../platform/web/index.ts';
import type { Wording, WordsFile } from '../platform/words/index.ts';
import type { Action, Capacity, PageDefinition } from './action.ts';
import type { Commands } from './commands.ts';
import type { Core } from './core.ts';
import type { CredentialChange, EndOtherAccess } from './credential-change.ts';
import type { AccountId } from './identifiers/ids.ts';
import type { TokenKind } from './one-time-tokens/token-definition.ts';
import type { RequestContext, SignedInContext, Submission } from './request-context.ts';
import type { AfterSignIn, BrowserFacts, SignInMethod, SignInStep } from './required-steps/sign-in-step.ts';
import { type Deps, type Needs, resolveNeeds, type UseService } from './services.ts';
import type { AccountRoles } from './sessions/store.ts';
import type * as slots from './slots.ts';

type Answer = MaybePromise<Response>;

/**
 * A route declares its access and its capacity; without either it does not compile. `open` is for every client, without
 * looking up the session (files, health, reports). `public` is for every client, and the page knows the signed-in user. With
 * `signed-in`, other browsers are redirected to the login page, and API clients get 401. `fresh` is for sensitive actions:
 * users whose authentication is too old authenticate again first (A38).
 */
export type Route = { readonly path: `/${string}` } & (
  | {
      readonly method: 'GET';
      readonly access: 'open';
      readonly limit: 'none';
      /** Answered whatever `Host` is named, for load balancers that ask by address; others get 421 (A28). */
      readonly host?: 'any';
      /** It belongs to the site as a whole, where an application that mounts Latchkey has its own. */
      readonly isOfSite?: true;
      readonly handle: (context: RequestContext) => Answer;
    }
  | {
      readonly method: 'POST';
      readonly access: 'open';
      readonly limit: 'none';
      /**
       * `nothing`: so the request need not come from one of our pages; browsers send reports without a form.
       * `what-is-signed`: it comes from no browser, and a token that an identity provider has signed says what it changes.
       * `what-is-approved`: it comes from a device, and a secret of its body names what a user has approved.
       */
      readonly changes: 'nothing' | 'what-is-signed' | 'what-is-approved';
      readonly host?: never;
      readonly handle: (context: RequestContext) => Answer;
    }
  | {
      readonly method: 'GET';
      readonly access: 'public';
      readonly limit: Capacity;
      readonly handle: (context: RequestContext) => Answer;
    }
  | {
      readonly method: 'GET';
      readonly access: 'signed-in' | 'fresh';
      readonly limit: Capacity;
      /** For clients that drop the cookies of a response: the session token is not replaced. */
      readonly keepsToken?: true;
      readonly handle: (context: SignedInContext) => Answer;
    }
  | {
      readonly method: 'POST';
      readonly access: 'public';
      readonly limit: Capacity;
      /** The path of the page with its form, if it differs; drawn again when the form is stale. */
      readonly page?: `/${string}`;
      readonly handle: (submission: Submission) => Answer;
    }
  | {
      readonly method: 'POST';
      readonly access: 'signed-in' | 'fresh';
      readonly limit: Capacity;
      readonly page?: `/${string}`;
      readonly handle: (submission: Submission<SignedInContext>) => Answer;
    }
  | {
      readonly method: 'POST';
      readonly access: 'public' | 'signed-in' | 'fresh';
      readonly limit: Capacity;
      /** The same as a form, for API clients: it needs no form token, and a browser has to name our origin. */
      readonly body: 'json';
      readonly handle: (submission: Submission) => Answer;
    }
);

type OpenRoute = Extract<Route, { method: 'GET'; access: 'open' }>;

/** A GET for every client, such as of a file. */
export function openRoute(path: OpenRoute['path'], handle: OpenRoute['handle']): OpenRoute {
  return { method: 'GET', path, access: 'open', limit: 'none', handle };
}

/** The same for what each site has once: an application that mounts Latchkey answers it itself. */
export function siteRoute(path: OpenRoute['path'], handle: OpenRoute['handle']): OpenRoute {
  return { ...openRoute(path, handle), isOfSite: true };
}

/** What a feature makes of the core: its routes, and what it adds to the gate, to pages and to background work. */
export type FeatureParts = {
  readonly routes?: readonly Route[];
  /** What it keeps that expires, and how that is deleted. */
  readonly expiring?: readonly Expiring[];
  /** The sign-in methods that it has: the gate asks them whether a proof still counts. */
  readonly signInMethods?: readonly SignInMethod[];
  /** Required steps between a proven identity and a session. */
  readonly signInSteps?: readonly slots.Positioned<SignInStep>[];
  readonly browserFacts?: readonly BrowserFacts[];
  /** What a sign-in may require besides what proved the identity. */
  readonly secondFactors?: readonly slots.Positioned<slots.SecondFactor>[];
  /** What it asks of sessions whenever they are used. */
  readonly sessionRules?: readonly slots.SessionRule[];
  /** What it writes for each sign-in. */
  readonly afterSignIn?: readonly AfterSignIn[];
  /** Buttons below the forms for signing in and registering. */
  readonly signInButtons?: readonly slots.SignInButton[];
  /** Buttons with which the owner of an account can prove it again at an identity provider. */
  readonly reauthenticationButtons?: (accountId: AccountId) => Promise<readonly slots.SignInButton[]>;
  /** Links below the form for signing in. */
  readonly signInLinks?: readonly slots.Positioned<slots.PageLink>[];
  /** Panels of the account page that lead to its pages. */
  readonly accountPanels?: readonly slots.Positioned<slots.AccountPanel>[];
  readonly banners?: readonly slots.Banner[];
  readonly personalData?: readonly slots.PersonalData[];
  /** Called after too many wrong passwords in a row have disabled one. */
  readonly afterPasswordDisabled?: (context: RequestContext, accountId: AccountId) => void;
  readonly close?: () => Promise<unknown>;
};

/** What is known before anything is composed. */
type SiteFacts = { readonly isMailPossible: boolean; readonly hasAddresses: boolean; readonly baseUrl: URL };
export type SettingFaults = (settingsOf: SettingsOf, site: SiteFacts) => readonly Fault[];

export type FeatureDeclaration<Settings extends SettingDefinitions = SettingDefinitions> = {
  readonly name: string;
  readonly settings?: Settings;
  /** The faults of rules that join several settings. */
  readonly settingFaults?: SettingFaults;
  /** Its `words.ts`, imported as a whole; each language has to translate it. */
  readonly words?: WordsFile;
  /** The tables whose SQL is in its store, and what bounds their rows. */
  readonly tables?: Readonly<Record<string, TableBounds>>;
  /** What bounds its routes that change something or cost more than a page. */
  readonly bounds?: readonly RouteBounds[];
  /** The tables that a copy between databases leaves out, each with the reason. */
  readonly tablesNotCopied?: Readonly<Record<string, string>>;
  /** The steps of the schema that create or change its tables; numbered across all features. */
  readonly migrations?: readonly Migration[];
  readonly limits?: Readonly<Record<string, Limit>>;
  readonly tokens?: Readonly<Record<string, TokenKind>>;
  readonly changes?: Readonly<Record<string, CredentialChange>>;
  readonly endOtherAccess?: EndOtherAccess;
  /** How its sign-in methods are called on pages, by their names. */
  readonly methodLabels?: Readonly<Record<string, (words: Wording) => string>>;
  readonly commands?: Commands;
  /** Whether its pages and actions exist with the settings of the system; without it, they always do. */
  readonly isOn?: (core: Core) => boolean;
  /** Its pages, and what users and API clients can do. */
  readonly pages?: readonly PageDefinition[];
  readonly actions?: readonly Action[];
  readonly events?: Readonly<Record<string, EventDefinition>>;
  readonly cookies?: Readonly<Record<string, Cookie | FlowCookie>>;
  /** Messages that a redirect leaves for the next page. */
  readonly flashes?: Readonly<Record<string, FlashDefinition>>;
  readonly emails?: Readonly<Record<string, EmailDefinition<never>>>;
  /** The roles that it keeps of accounts; null where there are none, so that no session is looked up with them. */
  readonly accountRoles?: (settingsOf: SettingsOf) => AccountRoles | null;
  /** Where browsers report violations of the Content-Security-Policy; null for nowhere. */
  readonly cspReportPath?: (settingsOf: SettingsOf) => Route['path'] | null;
};

/** A feature as `latchkey.ts` lists it: everything it declares can be collected before anything is constructed. */
export type FeatureDefinition<Settings extends SettingDefinitions = SettingDefinitions> =
  FeatureDeclaration<Settings> & {
    readonly compose: (core: Core, use: UseService) => FeatureParts;
  };

/** A feature after it was composed. */
export type Feature = FeatureDeclaration & FeatureParts & { readonly routes: readonly Route[] };

/** Declares a feature; `needs` names the services of other features that it calls. */
export function defineFeature<
  Settings extends SettingDefinitions = Record<never, never>,
  N extends Needs = Record<never, never>,
>({
  needs,
  compose = () => ({}),
  ...declaration
}: FeatureDeclaration<Settings> & {
  readonly needs?: N;
  readonly compose?: (core: Core, deps: Deps<N>) => FeatureParts;
}): FeatureDefinition<Settings> {
  return { ...declaration, compose: (core, use) => compose(core, resolveNeeds(needs, use)) };
}
