import type { Expiring } from '../platform/sql/index.ts';
import type { Id } from '../platform/text/index.ts';
import type { Html, MaybePromise } from '../platform/web/index.ts';
import type { Wording } from '../platform/words/index.ts';
import type { AccountId } from './identifiers/ids.ts';
import type { RequestContext, SignedInContext } from './request-context.ts';
import type { SignInRules } from './required-steps/sign-in-step.ts';
import type { Queries } from './schema.ts';
import type { Visit } from './sessions/check.ts';
import type { SignedIn } from './sessions/session.ts';

/**
 * A button that starts a sign-in at an identity provider, whose form posts to `path`; or one for a script, which leads on to the
 * page that the user wants. On the page for new users, `registration` is the handle of its invitation, or empty.
 */
export type SignInButton =
  | { readonly path: string; readonly label: string; readonly draw?: undefined }
  | { readonly draw: (words: Wording, next: string | null, registration?: string) => Html };

/** What a feature keeps of a user, for the export. */
export type PersonalData = {
  /** Its name in the file. */
  readonly name: string;
  readonly table: string;
  /** Columns that are not exported, each with the reason. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** What is kept of an account, as JSON. Times are ISO 8601 in UTC. A long list comes in batches. */
  readonly read: (accountId: AccountId) => Promise<unknown> | Batches;
};

/** The items of a long list, a few at a time. */
export type Batches = AsyncIterable<readonly unknown[]>;

/**
 * An item of a slot that several features fill, each at a position of its own: `signInSteps` 5, 8, 10, 20 and 30, `secondFactors`
 * 10, 20 and 90, `signInLinks` 10, `accountPanels` 10 (password), 20 (factors), 30 (connections), 40 (API tokens), 50 (sessions).
 */
export type Positioned<Item> = Item & { readonly position: number };

/** A link on a page; `path` may be given the page that the user wants next. */
export type PageLink = { readonly path: string; readonly label: (words: Wording) => string };

/** What every page of a signed-in user says above its content. @param csrf makes the token of a form in it */
export type Banner = (context: SignedInContext, csrf: () => string) => Promise<Html | ''>;

/** A panel of the account page that leads to a page; `link` is the label of its link. */
export type AccountPanel = {
  readonly path: string;
  readonly content: (words: Wording) => Readonly<Record<'title' | 'text' | 'link', string>>;
  /** What the account has of it, for the overview of its protection; left out where that page says it otherwise. */
  readonly standing?: (accountId: AccountId) => Promise<(words: Wording) => string>;
};

/** A second factor of accounts. `features/second-factors` lists those that an account has, and asks for one. */
export type SecondFactor = {
  /** Stored with each factor of an account, and with sessions, so it must not change. */
  readonly kind: string;
  readonly label: (words: Wording) => string;
  /** Its page in a pending sign-in, and that on which users manage it. */
  readonly path: `/${string}`;
  readonly managed: `/${string}`;
  /** Its page in one that waits for the first factor of its account; left out where it cannot be set up there. */
  readonly setUpAtSignIn?: `/${string}`;
  /** Whether it only replaces another one that is lost; alone it is not asked for. */
  readonly isBackup: boolean;
  /** Whether a false copy of the site gets nothing from it (NIST SP 800-63B-4 §3.2.5). */
  readonly isPhishingResistant?: true;
  /** Its state in an account that has it, and what the user should do on its page; null for nothing. */
  readonly standing: (accountId: AccountId) => Promise<(words: Wording) => Standing>;
  /** For codes that users type: whether a text is meant as one, and whether it is right, once (A35, A40). */
  readonly typed?: {
    readonly isLike: (text: string) => boolean;
    readonly spend: (context: RequestContext, accountId: AccountId, text: string) => Promise<boolean>;
  };
  /** What proves a factor that is removed, as JSON, and that again under the same id when the removal is undone. */
  readonly save: (transaction: Queries, factorId: Id) => Promise<unknown>;
  readonly restore: (transaction: Queries, owner: AccountId, id: Id, saved: unknown) => Promise<void>;
};

type Standing = { readonly text: string; readonly advice: string | null };

/** Whether a session that has been found goes on; a rule that says no has ended it. */
export type SessionRule = (signedIn: SignedIn, visit: Visit) => MaybePromise<boolean>;

/** What the composed features add to the gate, to pages of others and to background work. */
export type Slots = {
  readonly signInRules: SignInRules;
  readonly secondFactors: readonly SecondFactor[];
  readonly sessionRules: readonly SessionRule[];
  readonly signInButtons: readonly SignInButton[];
  readonly reauthenticationButtons: (accountId: AccountId) => Promise<readonly SignInButton[]>;
  readonly signInLinks: readonly PageLink[];
  readonly accountPanels: readonly AccountPanel[];
  readonly banners: readonly Banner[];
  readonly personalData: readonly PersonalData[];
  readonly expiring: readonly Expiring[];
  readonly routePaths: readonly string[];
  readonly afterPasswordDisabled: (context: RequestContext, accountId: AccountId) => void;
};
