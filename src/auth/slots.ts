import type { Expiring } from '../platform/sql/index.ts';
import type { Wording } from '../platform/words/index.ts';
import type { AccountId } from './identifiers/ids.ts';
import type { RequestContext } from './request-context.ts';
import type { SignInRules } from './required-steps/sign-in-step.ts';

/** A button that starts a sign-in at an identity provider. */
export type SignInButton = {
  /** Where its button posts to. */
  readonly path: string;
  readonly label: string;
};

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
 * An item of a slot that several features fill; two items of one slot never have the same position. Those of ours are
 * `signInSteps` 10 and 20, `signInLinks` 10, and `accountPanels` 10 (password), 30 (connections), 40 (API tokens) and 50 (sessions).
 */
export type Positioned<Item> = Item & { readonly position: number };

/** A link on a page; `path` may be given the page that the user wants next. */
export type PageLink = { readonly path: string; readonly label: (words: Wording) => string };

/** A panel of the account page that leads to a page; `link` is the label of its link. */
export type AccountPanel = {
  readonly path: string;
  readonly content: (words: Wording) => Readonly<Record<'title' | 'text' | 'link', string>>;
};

/** What the composed features add to the gate, to pages of others and to background work. */
export type Slots = {
  readonly signInRules: SignInRules;
  readonly signInButtons: readonly SignInButton[];
  readonly reauthenticationButtons: (accountId: AccountId) => Promise<readonly SignInButton[]>;
  readonly signInLinks: readonly PageLink[];
  readonly accountPanels: readonly AccountPanel[];
  readonly personalData: readonly PersonalData[];
  readonly expiring: readonly Expiring[];
  readonly routePaths: readonly string[];
  readonly afterPasswordDisabled: (context: RequestContext, accountId: AccountId) => void;
};
