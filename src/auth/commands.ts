import type { Command, Family, GivenOptions, Result } from '../platform/command-line/index.ts';
import type { Secrets } from '../platform/crypto/index.ts';
import type { EventData, EventDefinition } from '../platform/events/index.ts';
import type { Mail } from '../platform/mail/index.ts';
import type { SettingsOf } from '../platform/settings/index.ts';
import type { AccountLifecycle } from './accounts/account-lifecycle.ts';
import type { Account, Accounts } from './accounts/accounts.ts';
import type { Database } from './schema.ts';
import type { CoreSettings } from './settings.ts';

/** What commands on the database need. */
export type CommandContext = {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly lifecycle: AccountLifecycle;
  /** Read when used, because only some commands need SECRET_KEY. */
  readonly secrets: () => Secrets;
  /** Queues mails, which a server sends. Reads all settings when used. */
  readonly mail: () => Mail;
  /** Milliseconds of UTC. */
  readonly now: number;
  /** Records an event in the audit log, and as a line on stderr, like the server’s log. */
  readonly announce: <Data extends EventData>(event: EventDefinition<Data>, data: NoInfer<Data>) => void;
};

/** How the command line runs the verbs of features. */
export type CommandTools = {
  /**
   * Opens the database for one command. Servers may use it at the same time.
   * @param work the name of the command, for the audit log
   */
  readonly withContext: <Value>(
    work: string,
    use: (context: CommandContext) => Promise<Value>,
  ) => Promise<Value>;
  /** A verb whose operand names an account. */
  readonly onAccount: (
    command: Pick<Command, 'name' | 'summary' | 'options'>,
    use: (account: Account, context: CommandContext, given: GivenOptions) => Promise<Result>,
  ) => Command;
  /** The settings as they were given. */
  readonly settings: () => Pick<CoreSettings, 'baseUrl' | 'basePath' | 'registration'>;
  readonly settingsOf: SettingsOf;
};

/** The verbs of a feature: families of its own, or members of a family of the command line, such as `user reset-link`. */
export type Commands = (tools: CommandTools) => readonly (Command | Family)[];
